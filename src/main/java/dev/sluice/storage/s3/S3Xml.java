package dev.sluice.storage.s3;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The API's documents, as far as they are needed. */
final class S3Xml {
    /** Holds a declaration and the root. Bytes. */
    private static final int START = 256;

    private S3Xml() {}

    /** @param fields text of the elements directly below, by name */
    record Element(Map<String, String> fields) {
        String text(String name) {
            return fields.getOrDefault(name, "");
        }
    }

    /**
     * A page of a list.
     *
     * @param next what continues it, by the names of the fields of the page; empty values where it is the last
     */
    record Page(List<Element> items, Element next) {}

    /** The code when the document is an error. */
    static Optional<String> errorCode(byte[] document) {
        String start = new String(document, 0, Math.min(START, document.length), StandardCharsets.UTF_8);
        if (!start.contains("<Error")) {
            return Optional.empty();
        }
        try {
            Tree tree = Tree.read(document, "");
            return tree.root.equals("Error") ? Optional.of(tree.top.text("Code")) : Optional.empty();
        } catch (XMLStreamException other) {
            return Optional.empty();
        }
    }

    /** Text of the elements below the root. */
    static Element fields(byte[] document) throws XMLStreamException {
        return Tree.read(document, "").top;
    }

    static Page page(byte[] document, String item) throws XMLStreamException {
        Tree tree = Tree.read(document, item);
        return new Page(tree.items, tree.top);
    }

    private static final class Tree {
        private static final XMLInputFactory FACTORY = factory();

        private final String item;
        private String root = "";
        private final Map<String, String> fields = new HashMap<>();
        private final List<Element> items = new ArrayList<>();
        private final Element top = new Element(fields);

        private Tree(String item) {
            this.item = item;
        }

        private static XMLInputFactory factory() {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_COALESCING, true);
            return factory;
        }

        static Tree read(byte[] document, String item) throws XMLStreamException {
            Tree tree = new Tree(item);
            XMLStreamReader reader = FACTORY.createXMLStreamReader(new ByteArrayInputStream(document));
            try {
                tree.read(reader);
            } finally {
                reader.close();
            }
            return tree;
        }

        private void read(XMLStreamReader reader) throws XMLStreamException {
            int depth = 0;
            Map<String, String> current = fields;
            StringBuilder text = new StringBuilder();
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        depth++;
                        text.setLength(0);
                        if (depth == 1) {
                            root = reader.getLocalName();
                        } else if (depth == 2 && reader.getLocalName().equals(item)) {
                            current = new HashMap<>();
                        }
                    }
                    case XMLStreamConstants.CHARACTERS -> text.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        if (depth == 2 && current != fields) {
                            items.add(new Element(current));
                            current = fields;
                        } else if (depth == 2 || (depth == 3 && current != fields)) {
                            current.put(reader.getLocalName(), text.toString());
                        }
                        depth--;
                        text.setLength(0);
                    }
                    default -> {}
                }
            }
        }
    }
}
