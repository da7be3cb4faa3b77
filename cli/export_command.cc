#include "cli/export_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/new_file.h"
#include "cli/progress.h"
#include "cli/registry_client.h"
#include "cli/snapshot_check.h"

namespace rollcall::cli {
namespace {

constexpr const char* kExportExamples = R"(
The server goes on meanwhile; the file holds its catalog as it was at one moment. It gets its name
when it is whole and on the disk. What servers say of themselves is left out: their service "consul",
and the check serfHealth of their nodes. So is access control: tokens, policies and roles, with
auth methods and binding rules.

Examples:
  rollcall export catalog.snapshot
  rollcall export - | ssh other rollcall import -
)";

constexpr const char* kLeftOut =
    "access control is not in it: tokens, policies, roles, auth methods and binding rules stay "
    "with this server\n";

struct ExportArguments {
  std::string file;
  bool force = false;
};

// Where the snapshot goes.
class Destination {
 public:
  static Result<Destination> Open(const ExportArguments& arguments) {
    Destination destination;
    if (arguments.file == "-") {
      if (isatty(STDOUT_FILENO) != 0) {
        return InvalidArgument("a snapshot is nothing for a terminal; name a file");
      }
      return destination;
    }
    Result<NewFile> file =
        NewFile::Create(arguments.file, arguments.force ? NewFile::Existing::kReplaced
                                                        : NewFile::Existing::kRefused);
    if (!file) return file.error();
    destination.file_.emplace(std::move(*file));
    return destination;
  }

  Result<void> Write(std::string_view bytes) {
    if (file_) return file_->Write(bytes);
    return Print(bytes) ? Result<void>() : IoError("cannot write to standard output");
  }
  Result<void> Finish() { return file_ ? file_->Place() : Result<void>(); }
  // Standard output is the snapshot's own, if it goes there.
  bool Say(const std::string& line) const {
    if (file_) return Print(line);
    std::fputs(line.c_str(), stderr);
    return true;
  }

 private:
  std::optional<NewFile> file_;  // none: standard output
};

Result<void> Download(RegistryClient& client, Destination& destination, SnapshotCheck& check) {
  Progress progress("exporting");
  Result<Response> response =
      client.Download("/v1/snapshot", [&](std::string_view bytes) -> Result<void> {
        if (Result<void> ok = check.Feed(bytes); !ok) return ok;
        progress.Show(check.records(), check.expected_records());
        return destination.Write(bytes);
      });
  if (!response && response.error().code == ErrorCode::kNotFound) {
    return NotFound(response.error().message + "; is it a server, and not an agent?");
  }
  if (!response) return response.error();
  if (Result<store::RecordCounts> whole = check.Finish(); !whole) return whole.error();
  return destination.Finish();
}

int RunExport(const ClientOptions& options, const ExportArguments& arguments) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  Result<Destination> destination = Destination::Open(arguments);
  if (!destination) return Fail(destination.error());
  RegistryClient client(*target);
  SnapshotCheck check("the snapshot of " + target->address.Url());
  if (Result<void> ok = Download(client, *destination, check); !ok) return Fail(ok.error());
  if (!destination->Say("exported " + check.Summary() + "\n")) return kFailed;
  // Where there are tokens there is more than the catalog to be kept.
  if (!target->token.empty()) std::fputs(kLeftOut, stderr);
  return kOk;
}

}  // namespace

void AddExportCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command = app.add_subcommand("export", "Write a server's whole catalog to a file");
  auto arguments = std::make_shared<ExportArguments>();
  command->footer(kExportExamples);
  command->add_option("file", arguments->file, "Where to; - is standard output")
      ->required()
      ->type_name("FILE");
  command->add_flag("--force", arguments->force, "Replace the file if it is there already");
  AddTargetOptions(*command, options);
  command->callback([=] { *exit_code = RunExport(*options, *arguments); });
}

}  // namespace rollcall::cli
