// The log of our programs: to stderr, and to who follows it over HTTP.
//
// By itself a line is "<RFC 3339 time> <level> <text>". Where stderr goes to the journal of
// systemd, which knows the time itself, it is "<N><text>" with the level as the N of sd-daemon(3):
// the journal then shows and filters levels as of any service.
#pragma once

#include <string>

#include "api/shared/log_monitor.h"

namespace rollcall::api {

// Makes it the process's default logger. `name`: of the program. Before any thread logs; `monitor`
// outlives all logging.
void SetUpLog(const std::string& name, spdlog::level::level_enum level, LogMonitor& monitor);

// Whether `JOURNAL_STREAM`, as systemd sets it ("<device>:<inode>"; null: not at all), means the
// file that `fd` is.
bool IsJournal(int fd, const char* journal_stream);

// One line in the journal's form.
std::string JournalLine(spdlog::level::level_enum level, const std::string& text);

}  // namespace rollcall::api
