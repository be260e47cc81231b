package dev.sluice.demo;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The packaged text, split by paragraphs so that the held-out part has the same subjects as the rest.
 *
 * @param training what the model is shown
 * @param heldOut what it is only ever measured on
 */
record Corpus(String training, String heldOut) {
    private static final String RESOURCE = "corpus.txt";
    private static final String PARAGRAPH_BREAK = "\n\n";
    private static final int HELD_OUT_EVERY = 10;

    static Corpus packaged() throws IOException {
        try (InputStream text = Corpus.class.getResourceAsStream(RESOURCE)) {
            if (text == null) {
                throw new FileNotFoundException(RESOURCE + " is not packaged");
            }
            return split(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static Corpus split(String text) {
        List<String> training = new ArrayList<>();
        List<String> heldOut = new ArrayList<>();
        int count = 0;
        for (String paragraph : text.strip().split(PARAGRAPH_BREAK, -1)) {
            count++;
            (count % HELD_OUT_EVERY == 0 ? heldOut : training).add(paragraph);
        }
        return new Corpus(String.join(PARAGRAPH_BREAK, training), String.join(PARAGRAPH_BREAK, heldOut));
    }

    String whole() {
        return training + PARAGRAPH_BREAK + heldOut;
    }
}
