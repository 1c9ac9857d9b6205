// SPDX-License-Identifier: Apache-2.0
/* dump: takes an artifact apart, and says the command that puts it together again. */
#include "command.h"
#include "command_line.h"
#include "dump_differences.h"
#include "dump_folder.h"
#include "print_problem.h"
#include "size_limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"files", 0, OPTION_TEXT, "DIR", "Where to put the payload's files", false},
    {"meta-data", 0, OPTION_TEXT, "DIR",
     "Where to put the meta-data, as 0000.meta-data, and 0000.meta-data-augment", false},
    {"scripts", 0, OPTION_TEXT, "DIR", "Where to put the state scripts", false},
    {"print-cmdline", 0, OPTION_FLAG, NULL,
     "Print the arguments that write such an artifact from what was dumped, for a shell", false},
    {"print0-cmdline", 0, OPTION_FLAG, NULL, "The same, with a NUL after each and no quotes",
     false},
    {0},
};

static const struct option *const tables[] = {options, payload_limit_options, common_options, NULL};

static const struct exit_status exit_statuses[] = {
    {ARTIFACT_CANNOT_OPEN, 4},  {ARTIFACT_INVALID, 5}, {ARTIFACT_UNSUPPORTED, 6},
    {ARTIFACT_CANNOT_WRITE, 7}, {ARTIFACT_OK, 0},
};

/* Where each kind of member goes; a folder without a path takes nothing. */
struct dump {
    struct dump_folder scripts, meta_data, files;
    struct dump_folder *current; /* of the member that is being read; NULL: it goes nowhere */
};

/* ---- The contents, as they are read ---- */

static bool begin(void *user, const char *member, uint64_t size, struct artifact_error *error)
{
    static const char scripts[] = "scripts/", files[] = "data/0000/";
    struct dump *dump = user;
    (void)size;
    if (strncmp(member, scripts, strlen(scripts)) == 0) {
        dump->current = &dump->scripts;
        return dump_folder_begin(dump->current, member + strlen(scripts), 0755, error);
    }
    dump->current = &dump->files;
    return dump_folder_begin(dump->current, member + strlen(files), 0644, error);
}

static bool data(void *user, const unsigned char *bytes, size_t length,
                 struct artifact_error *error)
{
    const struct dump *dump = user;
    return dump_folder_write(dump->current, bytes, length, error);
}

static bool end(void *user, struct artifact_error *error)
{
    const struct dump *dump = user;
    return dump_folder_end(dump->current, error);
}

/* One line of JSON; nothing where there is none. */
static bool dump_meta_data(struct dump_folder *folder, const char *name, const char *text,
                           struct artifact_error *error)
{
    return !text || (dump_folder_begin(folder, name, 0644, error) &&
                     dump_folder_write(folder, text, strlen(text), error) &&
                     dump_folder_write(folder, "\n", 1, error) && dump_folder_end(folder, error));
}

/* ---- The command line ---- */

static bool add_names(struct command_line *line, const struct artifact_info *info)
{
    return command_line_add(line, "--artifact-name", info->name) &&
           (!*info->group || command_line_add(line, "--provides-group", info->group)) &&
           command_line_add_all(line, "--artifact-name-depends", &info->depends_names) &&
           command_line_add_all(line, "--compatible-types", &info->compatible_types) &&
           command_line_add_all(line, "--depends-groups", &info->depends_groups);
}

static bool add_provides(struct command_line *line, const char *provides, const char *depends,
                         const struct artifact_info *info)
{
    bool ok = true;
    for (size_t i = 0; ok && i < info->provides_count; i++)
        ok = command_line_add_pair(line, provides, info->provides[i].key, info->provides[i].value);
    for (size_t i = 0; ok && i < info->depends_count; i++) {
        const struct artifact_strings *values = &info->depends[i].values;
        ok = values->count == 0 ||
             command_line_add_pair(line, depends, info->depends[i].key, values->items[0]);
    }
    return ok;
}

static bool add_augment(struct command_line *line, const struct artifact_info *augment)
{
    return !augment || !augment->payload_type ||
           (command_line_add(line, "--augment-type", augment->payload_type) &&
            add_provides(line, "--augment-provides", "--augment-depends", augment));
}

/* What module-image would add by itself is ruled out; a bootstrap artifact has no payload to add
 * it for. */
static bool add_payload(struct command_line *line, const struct artifact_info *info)
{
    bool is_empty = !info->payload_type;
    return (is_empty || (command_line_add(line, "--type", info->payload_type) &&
                         command_line_add(line, "--no-default-software-version", NULL))) &&
           add_provides(line, "--provides", "--depends", info) &&
           (is_empty || command_line_add(line, "--no-default-clears-provides", NULL)) &&
           command_line_add_all(line, "--clears-provides", &info->clears_provides) &&
           add_augment(line, info->augment);
}

static bool add_compression(struct command_line *line, const struct artifact_info *info)
{
    return strcmp(info->compression, "gzip") == 0 ||
           command_line_add(line, "--compression", info->compression);
}

/* Format version 2 has root file systems only, and nothing but their names. */
static bool add_command(struct command_line *line, const struct artifact_info *info)
{
    if (info->version == 2)
        return command_line_add(line, "write", "rootfs-image") &&
               command_line_add(line, "--version", "2") && add_names(line, info);
    return command_line_add(line, "write",
                            info->payload_type ? "module-image" : "bootstrap-artifact") &&
           add_names(line, info) && add_payload(line, info);
}

/* The meta-data that was dumped is the artifact's, what augments it, or both in this order. */
static bool add_meta_data(struct command_line *line, const struct artifact_info *info,
                          const struct artifact_strings *paths)
{
    size_t next = 0;
    bool ok = !info->meta_data || next == paths->count ||
              command_line_add(line, "--meta-data", paths->items[next++]);
    return ok && (next == paths->count ||
                  command_line_add(line, "--augment-meta-data", paths->items[next]));
}

static bool is_augmented(const struct artifact_info *info, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < info->file_count; i++) {
        if (strcmp(info->files[i].name, name) == 0)
            return info->files[i].is_augmented;
    }
    return false;
}

static bool add_files(struct command_line *line, const struct artifact_info *info,
                      const struct artifact_strings *paths)
{
    bool ok = true;
    for (size_t i = 0; ok && i < paths->count; i++)
        ok = command_line_add(line,
                              is_augmented(info, paths->items[i]) ? "--augment-file" : "--file",
                              paths->items[i]);
    return ok;
}

static bool print_command_line(const struct artifact_info *info, const struct dump *dump,
                               bool for_shell, struct artifact_error *error)
{
    struct command_line line = {0};
    bool ok = add_command(&line, info) && add_compression(&line, info) &&
              command_line_add_all(&line, "--script", &dump->scripts.paths) &&
              add_meta_data(&line, info, &dump->meta_data.paths) &&
              add_files(&line, info, &dump->files.paths);
    if (ok)
        command_line_print(&line, for_shell);
    command_line_clear(&line);
    return ok || command_fail(error, "out of memory");
}

/* ---- The whole ---- */

static bool dump_artifact(struct dump *dump, const char *path, const struct arguments *arguments,
                          struct artifact_error *error)
{
    const struct artifact_contents contents = {begin, data, end, dump};
    struct artifact_read_options read_options = {.contents = &contents, .augment_apart = true};
    if (!payload_limit_parse(&read_options.max_payload_size, arguments, error))
        return false;
    struct artifact_info *info = artifact_read(path, &read_options, error);
    bool for_shell = arguments_has_flag(arguments, "print-cmdline");
    bool is_asked = for_shell || arguments_has_flag(arguments, "print0-cmdline");
    bool is_done = info &&
                   dump_meta_data(&dump->meta_data, "0000.meta-data", info->meta_data, error) &&
                   (!info->augment || dump_meta_data(&dump->meta_data, "0000.meta-data-augment",
                                                     info->augment->meta_data, error));
    for (size_t i = 0; is_done && i < info->warnings.count; i++)
        print_warning(NULL, &info->warnings.items[i]);
    if (is_done && is_asked) {
        dump_differences_warn(info);
        is_done = print_command_line(info, dump, for_shell, error);
    }
    artifact_info_free(info);
    return is_done;
}

static bool open_folders(struct dump *dump, const struct arguments *arguments,
                         struct artifact_error *error)
{
    return dump_folder_open(&dump->scripts, arguments_get_text(arguments, "scripts"), error) &&
           dump_folder_open(&dump->meta_data, arguments_get_text(arguments, "meta-data"), error) &&
           dump_folder_open(&dump->files, arguments_get_text(arguments, "files"), error);
}

/* What was dumped stays only if all of it could be. */
static void close_folders(struct dump *dump, bool is_done)
{
    dump_folder_close(&dump->scripts, is_done);
    dump_folder_close(&dump->meta_data, is_done);
    dump_folder_close(&dump->files, is_done);
}

static bool fail_dump(struct artifact_error *error)
{
    const struct artifact_error cause = *error;
    if (cause.code == ARTIFACT_UNSUPPORTED)
        snprintf(error->message, sizeof error->message,
                 "The dump command can handle one payload only: %.900s", cause.message);
    if (cause.code == ARTIFACT_INVALID || cause.code == ARTIFACT_CANNOT_WRITE)
        snprintf(error->message, sizeof error->message, "Error dumping Artifact: %.900s",
                 cause.message);
    return false;
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct dump dump = {0};
    if (arguments->operand_count != 1)
        return command_fail(error, "Need to specify exactly one Artifact with dump command");
    if (arguments_has_flag(arguments, "print-cmdline") &&
        arguments_has_flag(arguments, "print0-cmdline"))
        return command_fail(error, "--print-cmdline and --print0-cmdline are conflicting options.");
    bool is_done = open_folders(&dump, arguments, error) &&
                   dump_artifact(&dump, arguments->operands[0], arguments, error);
    close_folders(&dump, is_done);
    return is_done || fail_dump(error);
}

const struct command command_dump = {
    "dump", "Take an artifact apart", "ARTIFACT", tables, exit_statuses, run,
};
