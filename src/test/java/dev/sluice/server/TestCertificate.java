package dev.sluice.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for localhost that is its own authority, made by the JDK's keytool and kept as PEM until closed. */
public final class TestCertificate implements AutoCloseable {
    private static final char[] PASSWORD = "of the tests".toCharArray();

    private final Path directory;
    private final SSLContext trusting;
    private final SSLContext showing;

    private TestCertificate(Path directory, SSLContext trusting, SSLContext showing) {
        this.directory = directory;
        this.trusting = trusting;
        this.showing = showing;
    }

    public static TestCertificate make() {
        try {
            Path directory = Files.createTempDirectory("sluice-tls");
            Path store = directory.resolve("self.p12");
            generate(store);
            KeyStore made = KeyStore.getInstance("PKCS12");
            try (InputStream stored = Files.newInputStream(store)) {
                made.load(stored, PASSWORD);
            }
            Files.delete(store);
            TestCertificate certificate = new TestCertificate(directory, trusting(made), showing(made));
            Files.writeString(
                    certificate.chain(),
                    pem("CERTIFICATE", made.getCertificate("self").getEncoded()));
            Files.writeString(
                    certificate.key(),
                    pem("PRIVATE KEY", made.getKey("self", PASSWORD).getEncoded()));
            return certificate;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (GeneralSecurityException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void generate(Path store) throws IOException, InterruptedException {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options = "-genkeypair -alias self -keyalg EC -dname CN=localhost -validity 2 -storetype PKCS12"
                + " -ext SAN=dns:localhost,ip:127.0.0.1";
        ProcessBuilder process = new ProcessBuilder(keytool);
        process.command().addAll(java.util.List.of(options.split(" ")));
        process.command().addAll(java.util.List.of("-keystore", store.toString(), "-storepass", new String(PASSWORD)));
        Process running = process.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!running.waitFor(1, TimeUnit.MINUTES) || running.exitValue() != 0) {
            throw new IllegalStateException("keytool failed");
        }
    }

    private static SSLContext trusting(KeyStore made) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("self", made.getCertificate("self"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static SSLContext showing(KeyStore made) throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(made, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static String pem(String type, byte[] encoded) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
    }

    public Path chain() {
        return directory.resolve("chain.pem");
    }

    Path key() {
        return directory.resolve("key.pem");
    }

    /** For clients: trusts this certificate and no other. */
    SSLContext trusting() {
        return trusting;
    }

    /** For servers that are no Sluice. */
    public SSLContext showing() {
        return showing;
    }

    @Override
    public void close() throws IOException {
        Files.delete(chain());
        Files.delete(key());
        Files.delete(directory);
    }
}
