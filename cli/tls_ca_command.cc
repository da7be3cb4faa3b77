#include "cli/tls_ca_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/certificate_files.h"
#include "cli/console.h"
#include "cli/setting_values.h"
#include "cli/tls_names.h"
#include "registry/pki/authority.h"

namespace rollcall::cli {
namespace {

constexpr const char* kCaCreateNotes = R"(
Writes DOMAIN-agent-ca.pem, which every server and client needs to trust the others, and
DOMAIN-agent-ca-key.pem, which only `rollcall tls cert create` needs: whoever has it can pose as any
server. Keep it off the fleet.

Examples:
  rollcall tls ca create
  rollcall tls ca create --domain sd.example.com --days 3650
  rollcall tls ca create --name-constraint --additional-name-constraint registry.example.com
)";

struct CaArguments {
  std::string domain = "consul";
  std::string days = "1825";
  bool name_constraint = false;
  std::vector<std::string> additional;
};

struct CaRequest {
  std::string domain;
  pki::AuthorityRequest authority;
};

Result<CaRequest> CheckCa(const CaArguments& arguments) {
  const Result<std::string> domain = DomainName("domain", "consul")(arguments.domain);
  if (!domain) return domain.error();
  const Result<size_t> days = DaysOf(arguments.days);
  if (!days) return days.error();
  CertificateNames permitted;
  if (Result<void> ok = permitted.Add("domain", *domain); !ok) return ok.error();
  if (Result<void> ok = permitted.Add("domain", "localhost"); !ok) return ok.error();
  for (const std::string& each : arguments.additional) {
    if (Result<void> ok = permitted.Add("additional-name-constraint", each); !ok) return ok.error();
  }
  CaRequest request{*domain, {{}, ValidFor(*days)}};
  if (arguments.name_constraint) request.authority.permitted = permitted.names();
  return request;
}

int RunCaCreate(const CaArguments& arguments) {
  const Result<CaRequest> request = CheckCa(arguments);
  if (!request) return Complain(request.error().message), kUsageError;
  const Result<pki::CertificateAndKey> pem = pki::Authority::Create(request->authority);
  if (!pem) return Fail(pem.error());
  const CertificatePaths paths = CertificatePaths::Of(AuthorityFilesOf(request->domain));
  if (Result<void> ok = WriteNewFiles(paths, *pem); !ok) return Fail(ok.error());
  return PrintAndExit(SavedLines(paths));
}

}  // namespace

void AddTlsCaCreateCommand(CLI::App& ca, int* exit_code) {
  CLI::App* const command = ca.add_subcommand("create", "Make a new one, in the current directory");
  const auto arguments = std::make_shared<CaArguments>();
  command->footer(kCaCreateNotes);
  command->add_option("--domain", arguments->domain, "The servers' --domain (default consul)");
  command->add_option("--days", arguments->days, "How long it is valid (default 1825)");
  CLI::Option* const constraint =
      command->add_flag("--name-constraint", arguments->name_constraint,
                        "Let it sign for names of the domain and for localhost alone; it stays so");
  command
      ->add_option("--additional-name-constraint", arguments->additional,
                   "And for this name with all below it; may be given several times")
      ->allow_extra_args(false)
      ->needs(constraint)
      ->type_name("NAME");
  command->callback([=] { *exit_code = RunCaCreate(*arguments); });
}

}  // namespace rollcall::cli
