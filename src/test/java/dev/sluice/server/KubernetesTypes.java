package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import io.kubernetes.client.util.Yaml;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds objects against Kubernetes' own types: fields that are unknown, missing or of another type. Of the kinds that clusters get from
 * elsewhere (gateway, Prometheus operator) there are no types here, so that only the fields we use are known, with their forms.
 */
final class KubernetesTypes {
    private static final Map<String, Class<?>> TYPES = Map.ofEntries(
            Map.entry("v1/Namespace", V1Namespace.class),
            Map.entry("v1/ServiceAccount", V1ServiceAccount.class),
            Map.entry("v1/ConfigMap", V1ConfigMap.class),
            Map.entry("v1/Service", V1Service.class),
            Map.entry("v1/PersistentVolumeClaim", V1PersistentVolumeClaim.class),
            Map.entry("apps/v1/Deployment", V1Deployment.class),
            Map.entry("batch/v1/Job", V1Job.class),
            Map.entry("networking.k8s.io/v1/Ingress", V1Ingress.class),
            Map.entry("networking.k8s.io/v1/NetworkPolicy", V1NetworkPolicy.class),
            Map.entry("policy/v1/PodDisruptionBudget", V1PodDisruptionBudget.class),
            Map.entry("autoscaling/v2/HorizontalPodAutoscaler", V2HorizontalPodAutoscaler.class));

    /** Gateway API's Duration (GEP-2257), and Prometheus'. */
    private static final String DURATION = "([0-9]{1,5}(h|m|s|ms)){1,4}";

    private KubernetesTypes() {}

    static void check(JsonNode object) throws Exception {
        String type =
                object.path("apiVersion").asText() + "/" + object.path("kind").asText();
        if (TYPES.containsKey(type)) {
            typed(object, TYPES.get(type));
            return;
        }
        fields(object, "apiVersion", "kind", "metadata", "spec");
        fields(object.path("metadata"), "name", "namespace", "labels");
        switch (type) {
            case "gateway.networking.k8s.io/v1/HTTPRoute" -> route(object.path("spec"));
            case "monitoring.coreos.com/v1/ServiceMonitor" -> monitor(object.path("spec"));
            case "monitoring.coreos.com/v1/PrometheusRule" -> rules(object.path("spec"));
            default -> throw new AssertionError("nothing is known of " + type);
        }
    }

    private static void typed(JsonNode object, Class<?> type) throws Exception {
        JsonElement json = JsonParser.parseString(object.toString());
        try {
            type.getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
        } catch (InvocationTargetException refused) {
            throw new AssertionError(object.path("kind") + " " + object.at("/metadata/name"), refused.getCause());
        }
        assertThat(Yaml.loadAs(object.toString(), type)).isInstanceOf(type);
        assertThat(object.at("/metadata/name").asText()).matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    }

    private static void route(JsonNode spec) {
        fields(spec, "parentRefs", "hostnames", "rules");
        spec.path("parentRefs").forEach(parent -> fields(parent, "name", "namespace"));
        for (JsonNode rule : spec.path("rules")) {
            fields(rule, "matches", "timeouts", "backendRefs");
            rule.path("matches").forEach(match -> fields(match.path("path"), "type", "value"));
            fields(rule.path("timeouts"), "request", "backendRequest");
            rule.path("timeouts")
                    .forEach(timeout -> assertThat(timeout.textValue()).matches(DURATION));
            for (JsonNode backend : rule.path("backendRefs")) {
                fields(backend, "name", "port");
                assertThat(backend.path("port").isInt()).isTrue();
            }
        }
    }

    private static void monitor(JsonNode spec) {
        fields(spec, "selector", "endpoints");
        fields(spec.path("selector"), "matchLabels");
        for (JsonNode endpoint : spec.path("endpoints")) {
            fields(endpoint, "port", "path", "interval", "scrapeTimeout");
            assertThat(endpoint.path("interval").textValue()).matches(DURATION);
            assertThat(endpoint.path("scrapeTimeout").textValue()).matches(DURATION);
        }
    }

    private static void rules(JsonNode spec) {
        fields(spec, "groups");
        for (JsonNode group : spec.path("groups")) {
            fields(group, "name", "rules");
            for (JsonNode rule : group.path("rules")) {
                Set<String> known = new TreeSet<>(Set.of("alert", "expr", "for", "labels", "annotations"));
                rule.fieldNames().forEachRemaining(field -> assertThat(known).contains(field));
                assertThat(rule.path("alert").textValue()).isNotBlank();
                assertThat(rule.path("expr").textValue()).isNotBlank();
            }
        }
    }

    /** Some of these, and no others. */
    private static void fields(JsonNode node, String... known) {
        Set<String> present = new TreeSet<>();
        node.fieldNames().forEachRemaining(present::add);
        assertThat(present).isNotEmpty().isSubsetOf(known);
    }
}
