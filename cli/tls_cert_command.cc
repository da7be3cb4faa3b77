#include "cli/tls_cert_command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/certificate_files.h"
#include "cli/console.h"
#include "cli/setting_values.h"
#include "cli/tls_names.h"
#include "registry/pki/authority.h"
#include "registry/pki/pem_file.h"

namespace rollcall::cli {
namespace {

constexpr const char* kCertCreateNotes = R"(
Writes DC-server-DOMAIN-N.pem and DC-server-DOMAIN-N-key.pem (or -client-, -cli-) with the first N
that is free. A certificate is for the name server.DC.DOMAIN (client., cli.) and for localhost; those
of servers and clients are for 127.0.0.1 and ::1 too. That of a service is for the names by which DNS
knows it, NAME.service.DOMAIN and NAME.service.DC.DOMAIN, and for nothing else; it is written into
DC-service-NAME-DOMAIN-N.pem. A certificate never outlives its authority.

Examples:
  rollcall tls cert create --server --additional-dnsname registry.example.com
  rollcall tls cert create --server --dc dc2 --node registry-1 --additional-ipaddress 10.0.0.5
  rollcall tls cert create --client
  rollcall tls cert create --cli --days 30
  rollcall tls cert create --service orders
  rollcall tls cert create --client --key <(openssl pkey -in encrypted-ca-key.pem)
)";

constexpr const char* kServerWarning =
    "==> WARNING: whoever has the key of a server certificate can pose as a server. Keep it on "
    "that\n"
    "    server alone, as safe as the key of the authority.\n";

// Consul gives up there too.
constexpr int kMaxFiles = 10'000;
// Of a common name (RFC 5280, ub-common-name).
constexpr size_t kMaxCommonName = 64;

struct CertArguments {
  bool server = false;
  bool client = false;
  bool cli = false;
  std::string service;  // empty: of none
  std::string ca;       // empty: named after the domain
  std::string key;      // the same
  std::string days = "365";
  std::string dc = "dc1";
  std::string domain = "consul";
  std::string node;  // empty: none
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
};

struct CertRequest {
  CertificatePaths authority;
  std::string prefix;  // of the new files' names
  pki::LeafRequest leaf;
};

Result<std::string> KindOf(const CertArguments& arguments) {
  const bool service = !arguments.service.empty();
  if (int{arguments.server} + int{arguments.client} + int{arguments.cli} + int{service} != 1) {
    return InvalidArgument("give exactly one of --server, --client, --cli and --service NAME");
  }
  if (!arguments.node.empty() && !arguments.server) {
    return InvalidArgument("--node is for --server alone");
  }
  if (service) return "service-" + arguments.service;
  return std::string(arguments.server ? "server" : arguments.client ? "client" : "cli");
}

// The name by which others know the certificate: server.dc1.consul, orders.service.consul.
std::string MainName(const CertArguments& arguments, const std::string& kind, const std::string& dc,
                     const std::string& domain) {
  if (!arguments.service.empty()) return arguments.service + ".service." + domain;
  return kind + "." + dc + "." + domain;
}

// Those by which everybody on the host itself knows it.
Result<void> AddLocalNames(const CertArguments& arguments, CertificateNames* names) {
  if (Result<void> ok = names->Add("the name", "localhost"); !ok) return ok;
  for (const char* loopback : {"127.0.0.1", "::1"}) {
    if (arguments.cli) break;  // nobody connects to a command line
    if (Result<void> ok = names->AddAddress("the address", loopback); !ok) return ok;
  }
  return {};
}

Result<CertificateNames> NamesOf(const CertArguments& arguments, const std::string& main) {
  CertificateNames names;
  const bool service = !arguments.service.empty();
  const char* const what = service ? "service" : "the name";
  if (Result<void> ok = names.Add(what, main); !ok) return ok.error();
  if (service) {
    const std::string in_dc =
        arguments.service + ".service." + arguments.dc + "." + arguments.domain;
    if (Result<void> ok = names.Add(what, in_dc); !ok) return ok.error();
  }
  if (!arguments.node.empty()) {
    const Result<std::string> node = NodeName("node")(arguments.node);
    if (!node) return node.error();
    if (Result<void> ok = names.Add("the name", *node + "." + main); !ok) return ok.error();
  }
  // A service is who it is wherever it runs: what is on its host is not it.
  if (Result<void> ok = service ? Result<void>() : AddLocalNames(arguments, &names); !ok) {
    return ok.error();
  }
  for (const std::string& each : arguments.dns_names) {
    Result<void> ok = names.Add("additional-dnsname", each, pki::DnsName::Wildcard::kAllowed);
    if (!ok) return ok.error();
  }
  for (const std::string& each : arguments.addresses) {
    if (Result<void> ok = names.AddAddress("additional-ipaddress", each); !ok) return ok.error();
  }
  return names;
}

Result<CertRequest> CheckCert(const CertArguments& arguments) {
  const Result<std::string> kind = KindOf(arguments);
  if (!kind) return kind.error();
  const Result<std::string> dc = DatacenterName("dc")(arguments.dc);
  if (!dc) return dc.error();
  const Result<std::string> domain = DomainName("domain", "consul")(arguments.domain);
  if (!domain) return domain.error();
  const Result<size_t> days = DaysOf(arguments.days);
  if (!days) return days.error();
  const std::string main = MainName(arguments, *kind, *dc, *domain);
  // Whom to serve is often decided by the common name, which has room for so much.
  if (!arguments.service.empty() && main.size() > kMaxCommonName) {
    return BadSetting("service", arguments.service,
                      main + " is longer than the " + std::to_string(kMaxCommonName) +
                          " characters of a common name");
  }
  const Result<CertificateNames> names = NamesOf(arguments, main);
  if (!names) return names.error();

  CertRequest request;
  request.authority = CertificatePaths::Of(AuthorityFilesOf(*domain));
  if (!arguments.ca.empty()) request.authority.certificate = arguments.ca;
  if (!arguments.key.empty()) request.authority.key = arguments.key;
  request.prefix = *dc + "-" + *kind + "-" + *domain + "-";
  // What counts are the names; a common name is for people.
  request.leaf.common_name =
      main.size() <= kMaxCommonName ? main : "Rollcall " + *kind + " certificate";
  request.leaf.names = names->names();
  request.leaf.addresses = names->addresses();
  // As in Consul, whose certificates for the command line leave it open.
  request.leaf.usage = arguments.cli ? pki::Usage::kAnything : pki::Usage::kServerAndClient;
  request.leaf.validity = ValidFor(*days);
  return request;
}

Result<pki::Authority> ReadAuthority(const CertificatePaths& paths) {
  const auto unreadable = [](const Error& error, const char* flag) {
    return Error{error.code, error.message + "; name it with " + flag +
                                 ", or make an authority with `rollcall tls ca create`"};
  };
  const Result<pki::SecretText> certificate_pem =
      pki::ReadPemFile(paths.certificate, pki::PemSource::kFileOrPipe);
  if (!certificate_pem) return unreadable(certificate_pem.error(), "--ca");
  const Result<pki::SecretText> key_pem = pki::ReadPemFile(paths.key, pki::PemSource::kFileOrPipe);
  if (!key_pem) return unreadable(key_pem.error(), "--key");
  const auto in_file = [](const std::string& path, const Error& error) {
    return Error{error.code, path + ": " + error.message};
  };
  Result<pki::Certificate> certificate = pki::Certificate::FromPem(certificate_pem->view());
  if (!certificate) return in_file(paths.certificate, certificate.error());
  Result<pki::PrivateKey> key = pki::PrivateKey::FromPem(key_pem->view());
  if (!key) return in_file(paths.key, key.error());
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Result<pki::Authority> authority =
      pki::Authority::Load(std::move(*certificate), std::move(*key), now);
  if (!authority) return in_file(paths.certificate + " with " + paths.key, authority.error());
  return authority;
}

// Where the certificate and its key went.
Result<CertificatePaths> WriteFirstFree(const std::string& prefix,
                                        const pki::CertificateAndKey& pem) {
  for (int n = 0; n < kMaxFiles; ++n) {
    CertificatePaths paths = CertificatePaths::Of(prefix + std::to_string(n));
    const Result<void> ok = WriteNewFiles(paths, pem);
    if (ok) return paths;
    if (ok.error().code != ErrorCode::kConflict) return ok.error();
  }
  return Conflict("every name from " + prefix + "0.pem to " + prefix +
                  std::to_string(kMaxFiles - 1) + ".pem is taken; write into another directory");
}

int RunCertCreate(const CertArguments& arguments) {
  const Result<CertRequest> request = CheckCert(arguments);
  if (!request) return Complain(request.error().message), kUsageError;
  const Result<pki::Authority> authority = ReadAuthority(request->authority);
  if (!authority) return Fail(authority.error());
  const Result<pki::Authority::Issued> issued = authority->Issue(request->leaf);
  if (!issued) {
    return Fail(
        {issued.error().code, request->authority.certificate + ": " + issued.error().message});
  }
  const Result<CertificatePaths> paths = WriteFirstFree(request->prefix, issued->pem);
  if (!paths) return Fail(paths.error());
  if (issued->validity.end < request->leaf.validity.end) {
    Complain("the certificate expires before " + arguments.days + " days are over, at " +
             pki::TimeText(issued->validity.end) + ": that is when its authority does");
  }
  std::string said = arguments.server ? kServerWarning : "";
  said += "==> Using " + request->authority.certificate + " and " + request->authority.key + "\n";
  return PrintAndExit(said + SavedLines(*paths));
}

void AddKinds(CLI::App* command, CertArguments& arguments) {
  const auto add = [command](const char* flag, bool& value, const char* text) {
    command->add_flag(flag, value, text)->group("Exactly one of");
  };
  add("--server", arguments.server, "For a server");
  add("--client", arguments.client, "For an agent, or another client that listens too");
  add("--cli", arguments.cli, "For a person or a script that asks");
  command->add_option("--service", arguments.service, "For the instances of a service")
      ->group("Exactly one of")
      ->type_name("NAME");
}

}  // namespace

void AddTlsCertCreateCommand(CLI::App& cert, int* exit_code) {
  CLI::App* const command =
      cert.add_subcommand("create", "Make a new one, in the current directory");
  const auto arguments = std::make_shared<CertArguments>();
  command->footer(kCertCreateNotes);
  AddKinds(command, *arguments);
  const auto add = [command](const char* flag, std::string& value, const char* text) {
    return command->add_option(flag, value, text);
  };
  add("--ca", arguments->ca, "The authority's certificate (default DOMAIN-agent-ca.pem)")
      ->type_name("FILE");
  add("--key", arguments->key, "The authority's key (default DOMAIN-agent-ca-key.pem)")
      ->type_name("FILE");
  add("--days", arguments->days, "How long it is valid (default 365)");
  add("--dc", arguments->dc, "The servers' --datacenter (default dc1)");
  add("--domain", arguments->domain, "The servers' --domain (default consul)");
  add("--node", arguments->node, "With --server: also for NODE.server.DC.DOMAIN")
      ->type_name("NODE");
  command
      ->add_option("--additional-dnsname", arguments->dns_names,
                   "Also for this name, or for *.NAME; may be given several times")
      ->allow_extra_args(false)
      ->type_name("NAME");
  command
      ->add_option("--additional-ipaddress", arguments->addresses,
                   "Also for this address; may be given several times")
      ->allow_extra_args(false)
      ->type_name("IP");
  command->callback([=] { *exit_code = RunCertCreate(*arguments); });
}

}  // namespace rollcall::cli
