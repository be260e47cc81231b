package dev.sluice.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** Writes the OpenAPI document as one page of HTML that needs no script: operations by tag, then the schemas. */
final class ApiPage {
    private static final List<String> METHODS = List.of("get", "head", "post", "put", "patch", "delete");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private final JsonNode document;
    private final StringBuilder html = new StringBuilder(1 << 18);

    ApiPage(JsonNode document) {
        this.document = document;
    }

    String render(String style) {
        html.append(
                        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>API · Sluice</title>\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
                .append("<link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\">\n<style>")
                .append(style)
                .append("</style>\n</head>\n<body>\n<header><a href=\"/models\">Sluice</a> <span>API</span>")
                .append(" <a href=\"/api/openapi.yaml\">openapi.yaml</a></header>\n<nav aria-label=\"Sections\">");
        JsonNode tags = document.path("tags");
        tags.forEach(tag -> html.append(link(tag.path("name").asText())));
        html.append("<a href=\"#schemas\">schemas</a></nav>\n<main>\n<h1>The API</h1>\n");
        Arrays.stream(document.at("/info/description").asText().split("\n\n"))
                .forEach(
                        paragraph -> html.append("<p>").append(prose(paragraph)).append("</p>\n"));
        tags.forEach(this::section);
        html.append("<section id=\"schemas\"><h2>schemas</h2>\n");
        document.at("/components/schemas").properties().forEach(this::schema);
        return html.append("</section>\n</main>\n</body>\n</html>\n").toString();
    }

    private static String link(String tag) {
        return "<a href=\"#" + anchor(tag) + "\">" + escape(tag) + "</a> ";
    }

    private static String anchor(String tag) {
        return tag.replace(' ', '-');
    }

    private void section(JsonNode tag) {
        String name = tag.path("name").asText();
        html.append("<section id=\"").append(anchor(name)).append("\"><h2>").append(escape(name));
        html.append("</h2>\n<p>")
                .append(prose(tag.path("description").asText()))
                .append("</p>\n");
        document.path("paths")
                .properties()
                .forEach(path -> METHODS.forEach(method -> {
                    JsonNode operation = path.getValue().path(method);
                    if (operation.at("/tags/0").asText().equals(name)) {
                        operation(method, path.getKey(), path.getValue().path("parameters"), operation);
                    }
                }));
        html.append("</section>\n");
    }

    private void operation(String method, String path, JsonNode inPath, JsonNode operation) {
        html.append("<details id=\"")
                .append(escape(operation.path("operationId").asText()))
                .append("\"><summary><b class=\"")
                .append(method)
                .append("\">")
                .append(method.toUpperCase(Locale.ROOT))
                .append("</b> <code>")
                .append(escape(path))
                .append("</code> <span>")
                .append(prose(operation.path("summary").asText()))
                .append("</span></summary>\n");
        html.append("<p>").append(prose(operation.path("description").asText())).append("</p>\n");
        if (!inPath.isEmpty() || !operation.path("parameters").isEmpty()) {
            html.append("<table><caption>Parameters</caption>");
            inPath.forEach(this::parameter);
            operation.path("parameters").forEach(this::parameter);
            html.append("</table>\n");
        }
        operation.at("/requestBody/content").properties().forEach(this::content);
        html.append("<table><caption>Responses</caption>");
        operation.path("responses").properties().forEach(this::response);
        html.append("</table></details>\n");
    }

    private void content(Map.Entry<String, JsonNode> body) {
        html.append("<p>Body: <code>").append(escape(body.getKey())).append("</code> ");
        html.append(type(body.getValue().path("schema"))).append("</p>\n");
        if (body.getValue().has("example")) {
            html.append("<pre>")
                    .append(escape(body.getValue().path("example").toPrettyString()))
                    .append("</pre>\n");
        }
    }

    private void parameter(JsonNode given) {
        JsonNode parameter = resolved(given);
        row(
                parameter.path("name").asText(),
                escape(parameter.path("in").asText()) + ", " + type(parameter.path("schema")),
                parameter.path("description").asText());
    }

    private void response(Map.Entry<String, JsonNode> entry) {
        JsonNode response = resolved(entry.getValue());
        StringJoiner contents = new StringJoiner("<br>");
        response.path("content")
                .properties()
                .forEach(content -> contents.add("<code>" + escape(content.getKey()) + "</code> "
                        + type(content.getValue().path("schema"))));
        row(entry.getKey(), contents.toString(), response.path("description").asText());
    }

    private void schema(Map.Entry<String, JsonNode> named) {
        html.append("<article id=\"schema-").append(named.getKey()).append("\"><h3>");
        html.append(escape(named.getKey())).append("</h3>\n<p>");
        JsonNode schema = named.getValue();
        html.append(prose(schema.path("description").asText()));
        html.append("</p>\n");
        if (schema.path("properties").isEmpty()) {
            html.append("<p>").append(type(schema)).append("</p>\n");
        }
        members(schema);
        schema.path("allOf").forEach(this::members);
        members(schema.at("/properties/data"));
        html.append("</article>\n");
    }

    private void members(JsonNode schema) {
        if (schema.path("properties").isEmpty()) {
            return;
        }
        html.append("<table>");
        schema.path("properties")
                .properties()
                .forEach(member -> row(
                        member.getKey(),
                        type(member.getValue()),
                        member.getValue().path("description").asText()));
        html.append("</table>\n");
    }

    /** @param type is HTML */
    private void row(String name, String type, String description) {
        html.append("<tr><th scope=\"row\"><code>").append(escape(name)).append("</code></th><td>");
        html.append(type).append("</td><td>").append(prose(description)).append("</td></tr>\n");
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** A schema in a few words of HTML. */
    private static String type(JsonNode schema) {
        if (schema.has("$ref")) {
            String reference = schema.path("$ref").asText();
            String name = reference.substring(reference.lastIndexOf('/') + 1);
            return "<a href=\"#schema-" + escape(name) + "\">" + escape(name) + "</a>";
        }
        for (String several : List.of("oneOf", "allOf")) {
            if (schema.has(several)) {
                return joined(schema.path(several), several.equals("oneOf") ? " or " : " and ");
            }
        }
        if (schema.has("items")) {
            return "array of " + type(schema.path("items"));
        }
        for (String literal : List.of("enum", "const")) {
            if (schema.has(literal)) {
                return "<code>" + escape(schema.path(literal).toString()) + "</code>";
            }
        }
        JsonNode type = schema.path("type");
        String name = type.isArray()
                ? String.join(
                        " or ",
                        StreamSupport.stream(type.spliterator(), false)
                                .map(JsonNode::asText)
                                .toList())
                : type.asText("anything");
        return escape(schema.has("format") ? name + " (" + schema.path("format").asText() + ")" : name);
    }

    private static String joined(JsonNode schemas, String word) {
        return String.join(
                word,
                StreamSupport.stream(schemas.spliterator(), false)
                        .map(ApiPage::type)
                        .toList());
    }

    private static String prose(String text) {
        return CODE.matcher(escape(text)).replaceAll("<code>$1</code>");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
