package dev.sluice;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Imports go down; never up, never sideways on a floor unless listed; no cycles. */
@AnalyzeClasses(packages = "dev.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class FloorsTest {
    private static final List<Set<String>> FLOORS = List.of(
            Set.of("archive", "http", "config", "cache"),
            Set.of("database", "access", "metrics"),
            Set.of("storage", "audit"),
            Set.of("delivery", "ingest"),
            Set.of("jobs", "models", "catalog"),
            Set.of("ui", "demo", "cli"),
            Set.of("server"));

    /** Sideways on one floor: who may know whom. */
    private static final Map<String, Set<String>> SIDEWAYS = Map.of("models", Set.of("jobs"));

    @ArchTest
    static void importsGoDown(JavaClasses classes) {
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            for (String room : FLOORS.get(floor)) {
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice." + room + "..")
                        .should()
                        .dependOnClassesThat(resideInAnyRoom(notBelow(floor, room)))
                        .allowEmptyShould(true)
                        .check(classes);
            }
        }
    }

    @ArchTest
    static void noRoomStandsOutsideTheFloors(JavaClasses classes) {
        List<String> rooms = FLOORS.stream()
                .flatMap(Set::stream)
                .map(room -> "dev.sluice." + room + "..")
                .toList();
        classes().should().resideInAnyPackage(rooms.toArray(String[]::new)).check(classes);
        assertThat(rooms).doesNotHaveDuplicates();
    }

    @ArchTest
    static void roomsFormNoCircle(JavaClasses classes) {
        slices().matching("dev.sluice.(*)..").should().beFreeOfCycles().check(classes);
    }

    @ArchTest
    static void theGroundFloorStandsOnTheJdk(JavaClasses classes) {
        classes()
                .that()
                .resideInAPackage("dev.sluice.http..")
                .should()
                .onlyDependOnClassesThat(resideInAPackage("java..")
                        .or(resideInAPackage("dev.sluice.http.."))
                        .or(nullness()))
                .check(classes);
        classes()
                .that()
                .resideInAPackage("dev.sluice.archive..")
                .should()
                .onlyDependOnClassesThat(resideInAPackage("java..")
                        .or(resideInAPackage("dev.sluice.archive.."))
                        .or(resideInAPackage("org.apache.commons.compress.."))
                        .or(nullness()))
                .check(classes);
    }

    private static com.tngtech.archunit.base.DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass> nullness() {
        return resideInAPackage("org.jspecify..");
    }

    private static com.tngtech.archunit.base.DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass>
            resideInAnyRoom(List<String> rooms) {
        return com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                rooms.stream().map(room -> "dev.sluice." + room + "..").toArray(String[]::new));
    }

    private static List<String> notBelow(int floor, String room) {
        List<String> above = new ArrayList<>();
        for (int other = floor; other < FLOORS.size(); other++) {
            above.addAll(FLOORS.get(other));
        }
        above.remove(room);
        above.removeAll(SIDEWAYS.getOrDefault(room, Set.of()));
        return above;
    }
}
