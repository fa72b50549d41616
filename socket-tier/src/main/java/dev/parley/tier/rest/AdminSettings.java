package dev.parley.tier.rest;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.util.List;

/**
 * Who looks after the installation.
 *
 * @param users their user names; nobody by default
 */
@ConfigurationProperties("parley.admin")
record AdminSettings(@Bindable(defaultValue = "") List<String> users) {}
