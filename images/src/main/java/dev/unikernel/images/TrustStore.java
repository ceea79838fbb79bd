package dev.unikernel.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;

/**
 * The certificate authorities that both programs trust: those of Debian's ca-certificates. A JDK's
 * own store may be the build machine's, with authorities that its owner added.
 */
final class TrustStore {

  private TrustStore() {}

  /**
   * Writes PEM certificates as the password-less PKCS #12 store that Java reads as {@code cacerts}.
   */
  static void write(Path store, Path certificates) throws IOException {
    // A store of public certificates needs no password; without salts its bytes are reproducible.
    Security.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    Security.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    try {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      var x509 = CertificateFactory.getInstance("X.509");
      for (var pem : Trees.files(certificates)) {
        try (var in = Files.newInputStream(pem)) {
          keys.setCertificateEntry(pem.getFileName().toString(), x509.generateCertificate(in));
        }
      }
      try (var out = Files.newOutputStream(store)) {
        keys.store(out, null);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("Cannot make a trust store from " + certificates, e);
    }
  }
}
