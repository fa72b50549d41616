package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.world.World;
import java.util.List;

/** What is done to a world, and how it is measured. */
public sealed interface Scenario permits Traffic, Idle, ConnectStorm, ReconnectStorm, MixedDay, Greed, Presence, Hold {

    /** The scenario of that name. */
    static Scenario named(String name) {
        return switch (name) {
            case "idle" -> new Idle();
            case "direct", "group", "room" -> new Traffic();
            case "connect-storm" -> new ConnectStorm();
            case "reconnect-storm" -> new ReconnectStorm();
            case "mixed" -> new MixedDay();
            case "greed" -> new Greed();
            case "presence" -> new Presence();
            case "hold" -> new Hold();
            default ->
                throw new IllegalArgumentException("no scenario is called " + name
                        + ": idle, direct, group, room, connect-storm, reconnect-storm, mixed, greed, presence, hold");
        };
    }

    /** The members of each chat. */
    List<int[]> chats(Options options);

    /** How many clients this process is to be. */
    default int clients(Options options) {
        return options.connections();
    }

    /** Runs it in front of a world that has nobody in it yet. */
    Result run(Stage stage) throws Exception;

    /** Sets the stage and runs it. */
    default Result run(Options options, World world) throws Exception {
        try (Stage stage = Stage.set(options, world, clients(options), chats(options))) {
            return run(stage);
        }
    }
}
