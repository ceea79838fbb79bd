package dev.unikernel.e2e;

/** What the tests' tenants apply. */
final class Programs {
  private Programs() {}

  /** An image of the node server in the ConfigMap {@code hello-js}. */
  static String node(String name, String registry, String kernel) {
    return """
    apiVersion: unikernel.dev/v1alpha1
    kind: UnikernelImage
    metadata:
      name: %1$s
    spec:
      source:
        image:
          reference: %2$s/node:18
      files:
      - path: /main.js
        configMap:
          name: hello-js
          key: main.js
      args: [/main.js]
      kernel:
        name: %3$s
      publish:
        registry:
          repository: %2$s/unikernels/%1$s
    """
        .formatted(name, registry, kernel);
  }

  /** A service of {@code image} on port 80, ready when {@code /safe} answers. */
  static String service(String name, String image, int replicas) {
    return """
    apiVersion: unikernel.dev/v1alpha1
    kind: UnikernelService
    metadata:
      name: %s
    spec:
      image:
        name: %s
      replicas: %d
      resources:
        cpu: 1
        memory: 512Mi
      ports:
      - name: http
        port: 80
        targetPort: 8080
      readinessProbe:
        httpGet:
          path: /safe
          port: http
        periodSeconds: 1
    """
        .formatted(name, image, replicas);
  }

  /** The article's server: {@code /safe} lists {@code /}, anything else runs {@code ?cmd=}. */
  static String helloJs(String version) {
    return """
    const fs = require('fs'), http = require('http'), {exec} = require('child_process');
    http.createServer((request, response) => {
      const url = new URL(request.url, 'http://localhost');
      if (url.pathname === '/version') return response.end('%s');
      if (url.pathname === '/safe') return response.end(fs.readdirSync('/').join());
      const answer = (error, output) => response.end(error ? String(error) : output);
      try { exec(url.searchParams.get('cmd') || 'ls', answer).on('error', () => {}); } catch (error) { answer(error); }
    }).listen(8080);
    process.on('SIGTERM', () => process.exit(0));
    """
        .formatted(version);
  }
}
