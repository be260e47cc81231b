package dev.sluice.ingest;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Who may vouch for https upstreams: whom the JDK trusts, and those that were named besides. */
public final class TrustedAuthorities {
    /** {@code lib/security/cacerts}, or what {@code javax.net.ssl.trustStore} says. */
    public static final TrustedAuthorities OF_THE_JDK = new TrustedAuthorities(Optional.empty());

    private final Optional<TrustManager> all;

    private TrustedAuthorities(Optional<TrustManager> all) {
        this.all = all;
    }

    /**
     * Those of the JDK, and the certificates of a PEM file. Blocks.
     *
     * @throws IOException when it cannot be read, or holds none
     */
    public static TrustedAuthorities read(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            List<Certificate> trusted =
                    new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (trusted.isEmpty()) {
                throw new IOException("the file " + pem + " holds no certificate");
            }
            trusted.addAll(ofTheJdk());
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int number = 0; number < trusted.size(); number++) {
                store.setCertificateEntry(Integer.toString(number), trusted.get(number));
            }
            return new TrustedAuthorities(Optional.of(manager(store)));
        } catch (GeneralSecurityException malformed) {
            throw new IOException("the file " + pem + " does not consist of certificates in PEM", malformed);
        }
    }

    private static List<X509Certificate> ofTheJdk() throws GeneralSecurityException {
        return List.of(manager(null).getAcceptedIssuers());
    }

    /** @param store null means the JDK's own */
    private static X509TrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return found;
            }
        }
        throw new IllegalStateException("the JDK knows no certificates");
    }

    /** Empty when the client's own default will do. */
    Optional<TrustOptions> options() {
        return all.map(TrustOptions::wrap);
    }
}
