#include "cli/import_command.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/progress.h"
#include "cli/registry_client.h"
#include "cli/snapshot_check.h"
#include "cli/snapshot_sender.h"
#include "registry/base/system_error.h"
#include "registry/store/snapshot_reader.h"
#include "registry/store/snapshot_writer.h"

namespace rollcall::cli {
namespace {

constexpr const char* kImportExamples = R"(
FILE is what `rollcall export` wrote; - reads it from standard input. It is read to its end first:
one that is damaged or cut short imports nothing. Nodes, instances, checks and coordinates are
registered as they are in the file; indexes are the server's own, and TTLs begin anew. A file
holds nothing of access control: tokens, policies and roles are those that the server has.

Without --merge the server's catalog must hold nothing but the registry's servers. With --merge what
the file holds is added, and replaces what has the same name; nothing is removed. An import that was
interrupted is taken up again with --merge.

Examples:
  rollcall import catalog.snapshot --http-addr http://new:8500
  rollcall import --dry-run catalog.snapshot     is it whole, and what is in it?
)";

struct ImportArguments {
  std::string file;
  bool merge = false;
  bool dry_run = false;
};

// A file to be read twice.
class Source {
 public:
  static Result<Source> Open(const std::string& path) {
    if (path == "-") return Spool();
    Source source(std::fopen(path.c_str(), "rbe"), path);
    if (source.stream_ == nullptr) return SystemError("cannot read " + path, errno);
    return source;
  }

  // From its beginning.
  Result<void> ReadAll(const std::function<Result<void>(std::string_view)>& sink) {
    std::rewind(stream_.get());
    return ReadFrom(stream_.get(), name_, sink);
  }
  const std::string& name() const { return name_; }

 private:
  struct Close {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };

  Source(std::FILE* stream, std::string name) : stream_(stream), name_(std::move(name)) {}

  // Standard input, kept in a file that has no name.
  static Result<Source> Spool() {
    Source source(std::tmpfile(), "standard input");
    if (source.stream_ == nullptr) return SystemError("cannot keep standard input", errno);
    Result<void> read = ReadFrom(stdin, source.name_, [&](std::string_view bytes) -> Result<void> {
      if (std::fwrite(bytes.data(), 1, bytes.size(), source.stream_.get()) == bytes.size()) {
        return {};
      }
      return SystemError("cannot keep standard input", errno);
    });
    if (!read) return read.error();
    if (std::fflush(source.stream_.get()) != 0) {
      return SystemError("cannot keep standard input", errno);
    }
    return source;
  }

  static Result<void> ReadFrom(std::FILE* stream, const std::string& name,
                               const std::function<Result<void>(std::string_view)>& sink) {
    std::array<char, 65536> buffer;
    while (const size_t read = std::fread(buffer.data(), 1, buffer.size(), stream)) {
      if (Result<void> ok = sink({buffer.data(), read}); !ok) return ok;
    }
    // A directory can be opened, and fails when it is read.
    if (std::ferror(stream) != 0) return SystemError("cannot read " + name, errno);
    return {};
  }

  std::unique_ptr<std::FILE, Close> stream_;
  std::string name_;
};

Result<void> Check(Source& source, SnapshotCheck& check) {
  Result<void> read =
      source.ReadAll([&check](std::string_view bytes) { return check.Feed(bytes); });
  if (!read) return read;
  Result<store::RecordCounts> whole = check.Finish();
  return whole ? Result<void>() : whole.error();
}

// "2026-11-26T12:00:00Z"
std::string TimeText(std::chrono::nanoseconds since_1970) {
  const auto seconds = static_cast<std::time_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
  std::tm time{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &time) == nullptr) return "an unknown time";
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &time);
  return text.data();
}

std::string DryRunText(const std::string& name, const SnapshotCheck& check) {
  return name + " is whole: " + check.Summary() + ", written at " + TimeText(check.header()->time) +
         " by rollcall " + check.header()->version + "\n";
}

// A snapshot of one block, or of none.
std::string SmallSnapshot(store::SnapshotHeader header, const store::SnapshotReader::Block* block) {
  header.expected = {};
  store::SnapshotWriter writer;
  std::string bytes = writer.Begin(header);
  if (block != nullptr) bytes += writer.Block(block->content, block->counts);
  return bytes + writer.End();
}

// An empty snapshot is refused by a catalog that is not to be added to, and else changes nothing.
Result<void> ExpectNothingThere(const Target& target, const store::SnapshotHeader& header) {
  RegistryClient client(target);
  Result<Response> response = client.PutBytes("/v1/snapshot", SmallSnapshot(header, nullptr));
  if (response) return {};
  const Error& error = response.error();
  if (error.code == ErrorCode::kConflict) {
    return Conflict(target.address.Url() +
                    " holds a catalog already; --merge adds to it, replaces what the file has too, "
                    "and removes nothing");
  }
  if (error.code != ErrorCode::kNotFound) return error;
  return NotFound(error.message + "; is it a server, and not an agent?");
}

// Each block goes as a snapshot of its own: a server needs no memory for the whole.
Result<SnapshotSender::Outcome> SendAll(Source& source, const Target& target,
                                        const SnapshotCheck& checked) {
  SnapshotSender sender(target);
  Progress progress("importing");
  store::SnapshotReader reader([&](const store::SnapshotReader::Block& block) {
    progress.Show(reader.counts().total(), checked.records());
    return sender.Send(SmallSnapshot(*checked.header(), &block));
  });
  Result<void> read =
      source.ReadAll([&reader](std::string_view bytes) { return reader.Feed(bytes); });
  if (read) {
    Result<store::RecordCounts> whole = reader.Finish();
    if (!whole) read = whole.error();
  }
  if (!read) return read.error();
  return sender.Finish();
}

int Report(const SnapshotCheck& checked, const SnapshotSender::Outcome& outcome) {
  if (!Print("imported " + checked.Summary() + ": " + std::to_string(outcome.changed) +
             " registrations changed the catalog\n")) {
    return kFailed;
  }
  if (outcome.refused == 0) return kOk;
  for (const std::string& why : outcome.refusals) Complain(why);
  Complain("the server refused " + std::to_string(outcome.refused) + " registrations of the file" +
           (outcome.refused > outcome.refusals.size() ? ", the first of them above" : ""));
  return kFailed;
}

int RunImport(const ClientOptions& options, const ImportArguments& arguments) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  Result<Source> source = Source::Open(arguments.file);
  if (!source) return Fail(source.error());
  SnapshotCheck check(source->name());
  if (Result<void> ok = Check(*source, check); !ok) return Fail(ok.error());
  if (arguments.dry_run) return PrintAndExit(DryRunText(source->name(), check));
  if (!arguments.merge) {
    Result<void> ok = ExpectNothingThere(*target, *check.header());
    if (!ok) return Fail(ok.error());
  }
  const Result<SnapshotSender::Outcome> outcome = SendAll(*source, *target, check);
  if (outcome) return Report(check, *outcome);
  return Fail({outcome.error().code, outcome.error().message +
                                         "; a part may have been imported: take it up again with "
                                         "`rollcall import --merge`"});
}

}  // namespace

void AddImportCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command = app.add_subcommand("import", "Register all that an exported file holds");
  auto arguments = std::make_shared<ImportArguments>();
  command->footer(kImportExamples);
  command->add_option("file", arguments->file, "What was exported; - is standard input")
      ->required()
      ->type_name("FILE");
  command->add_flag("--merge", arguments->merge,
                    "Add to a catalog that holds something already; removes nothing");
  command->add_flag("--dry-run", arguments->dry_run,
                    "Only read the file and say what is in it; no server is asked");
  AddTargetOptions(*command, options);
  command->callback([=] { *exit_code = RunImport(*options, *arguments); });
}

}  // namespace rollcall::cli
