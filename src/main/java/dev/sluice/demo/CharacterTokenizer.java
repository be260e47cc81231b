package dev.sluice.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One token a character: 0 pads what would stand before the text, the others follow in code-point order. */
final class CharacterTokenizer {
    static final int PAD = 0;
    private static final String PAD_TOKEN = "<pad>";

    private final Map<Integer, Integer> ids;

    private CharacterTokenizer(Map<Integer, Integer> ids) {
        this.ids = ids;
    }

    static CharacterTokenizer of(String text) {
        List<Integer> characters = text.codePoints().distinct().sorted().boxed().toList();
        Map<Integer, Integer> ids = new LinkedHashMap<>();
        characters.forEach(character -> ids.put(character, ids.size() + 1));
        return new CharacterTokenizer(ids);
    }

    int size() {
        return ids.size() + 1;
    }

    /** @throws IllegalArgumentException on a character outside the vocabulary */
    int[] encode(String text) {
        return text.codePoints().map(this::id).toArray();
    }

    private int id(int character) {
        Integer id = ids.get(character);
        if (id == null) {
            throw new IllegalArgumentException("not in the vocabulary: " + Character.getName(character));
        }
        return id;
    }

    /** The token {@code distance} places before {@code position}. */
    static int before(int[] text, int position, int distance) {
        return position < distance ? PAD : text[position - distance];
    }

    /** What {@code tokenizer.json} holds. */
    Map<String, Object> description() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        vocabulary.put(PAD_TOKEN, PAD);
        ids.forEach((character, id) -> vocabulary.put(Character.toString(character), id));
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("version", "1.0");
        description.put("type", "character");
        description.put("pad_token", PAD_TOKEN);
        description.put("vocab", vocabulary);
        return description;
    }
}
