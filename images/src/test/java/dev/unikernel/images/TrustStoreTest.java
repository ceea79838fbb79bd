package dev.unikernel.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustStoreTest {

  private static final Base64.Encoder PEM = Base64.getMimeEncoder();

  @TempDir static Path certificates;
  @TempDir Path scratch;
  private static KeyStore jdk;

  @BeforeAll
  static void writeTheAuthoritiesOfThisJdkAsPem() throws Exception {
    jdk = KeyStore.getInstance(cacerts().toFile(), (char[]) null);
    var number = 0;
    for (var alias : Collections.list(jdk.aliases())) {
      var body = PEM.encodeToString(jdk.getCertificate(alias).getEncoded());
      Files.writeString(
          certificates.resolve("ca" + number++ + ".crt"),
          "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
    }
  }

  @Test
  void holds_each_certificate_and_opens_without_a_password() throws Exception {
    var store = write("cacerts");

    var read = KeyStore.getInstance(store.toFile(), (char[]) null);

    assertThat(certificates(read)).containsExactlyInAnyOrder(certificates(jdk));
  }

  @Test
  void is_the_same_file_whenever_it_is_made() throws IOException {
    assertThat(write("one")).hasSameBinaryContentAs(write("two"));
  }

  private Path write(String name) throws IOException {
    var store = scratch.resolve(name);
    TrustStore.write(store, certificates);
    return store;
  }

  private static Certificate[] certificates(KeyStore store) throws Exception {
    var found = new ArrayList<Certificate>();
    for (var alias : Collections.list(store.aliases())) {
      found.add(store.getCertificate(alias));
    }
    return found.toArray(Certificate[]::new);
  }

  private static Path cacerts() {
    return Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
  }
}
