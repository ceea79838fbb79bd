// Asks the service again and again, on a new connection each time, and tells on port 9000 how that went.
const http = require('http');

const [host, port] = process.argv[2].split(':');
// A failure has its request's number: a request that gets no answer is known to fail long after it was sent.
const counts = {sent: 0, answered: 0, failures: []};

function ask() {
  const number = ++counts.sent;
  const fail = why => counts.failures.push({number, why: `${why} at ${new Date().toISOString()}`});
  const request = http.get({host, port, path: '/safe', agent: false, timeout: 30000}, response => {
    response.resume();
    response.on('end', () => response.statusCode === 200 ? counts.answered++ : fail(`HTTP ${response.statusCode}`));
  });
  request.on('timeout', () => request.destroy(new Error('no answer in 30 s')));
  request.on('error', error => fail(error.message));
}

setInterval(ask, 100);
http.createServer((_, response) => response.end(JSON.stringify(counts))).listen(9000);
