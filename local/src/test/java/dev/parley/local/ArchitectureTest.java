package dev.parley.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The boundaries that the folder tree promises. */
class ArchitectureTest {

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.parley");

    @Test
    void contractsKnowNoServersAndNoDrivers() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.parley.id..", "dev.parley.wire..", "dev.parley.queue..", "dev.parley.keys..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.lettuce..",
                        "com.rabbitmq..",
                        "com.mongodb..",
                        "org.bson..",
                        "io.netty..",
                        "io.micronaut.http..")
                .check(CODE);
    }

    @Test
    void onlyTheRedisPackageSpeaksToRedis() {
        onlyIn("dev.parley.redis..", "io.lettuce..");
    }

    @Test
    void onlyTheRabbitPackageSpeaksToRabbit() {
        onlyIn("dev.parley.rabbit..", "com.rabbitmq..");
    }

    private static void onlyIn(String home, String driver) {
        noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(driver)
                .check(CODE);
    }

    @Test
    void functionCoresAreFreeOfDriversAndDoors() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.parley.persist..", "dev.parley.notify..", "dev.parley.index..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.lettuce..",
                        "com.rabbitmq..",
                        "com.mongodb..",
                        "com.amazonaws..",
                        "io.netty..",
                        "dev.parley.tier..")
                .check(CODE);
    }

    @Test
    void theTierKnowsNoFunctionAndNoLocalMode() {
        noClasses()
                .that()
                .resideInAPackage("dev.parley.tier..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.parley.function..",
                        "dev.parley.persist..",
                        "dev.parley.notify..",
                        "dev.parley.index..",
                        "dev.parley.local..",
                        "dev.parley.standin..")
                .check(CODE);
    }

    @Test
    void onlyTheEdgeTouchesNetty() {
        noClasses()
                .that()
                .resideInAPackage("dev.parley.tier..")
                .and()
                .resideOutsideOfPackage("dev.parley.tier.edge..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CODE);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.parley.(**)").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void namesSayTheJob() {
        classes()
                .that()
                .resideInAPackage("dev.parley..")
                .should()
                .haveSimpleNameNotEndingWith("Manager")
                .andShould()
                .haveSimpleNameNotEndingWith("Helper")
                .andShould()
                .haveSimpleNameNotEndingWith("Util")
                .andShould()
                .haveSimpleNameNotEndingWith("Utils")
                .andShould()
                .haveSimpleNameNotEndingWith("Impl")
                .andShould()
                .haveSimpleNameNotEndingWith("Service")
                .check(CODE);
    }
}
