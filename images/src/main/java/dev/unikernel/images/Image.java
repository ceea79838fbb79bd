package dev.unikernel.images;

import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import java.util.List;

/**
 * A container image, ready to be written.
 *
 * @param name the last part of its repository
 * @param layers lowest first
 * @param entrypoint the program and its arguments
 */
record Image(
    String name,
    String version,
    String title,
    List<FileEntriesLayer> layers,
    List<String> entrypoint) {}
