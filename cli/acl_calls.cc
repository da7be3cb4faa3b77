#include "cli/acl_calls.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/console.h"
#include "registry/base/printable.h"

namespace rollcall::cli {
namespace {

using nlohmann::ordered_json;

// Of a policy's rules the server takes less.
constexpr size_t kMaxInput = 1 << 20;

Result<std::string> ReadInput(const std::string& file) {
  const std::string name = file == "-" ? "standard input" : file;
  std::string text(kMaxInput + 1, '\0');
  errno = 0;
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& stream = file == "-" ? std::cin : opened;
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream && !stream.eof()) {
    return IoError("cannot read " + name + ": " + std::strerror(errno));
  }
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxInput) return InvalidArgument(name + " is larger than 1 MiB");
  return text;
}

// "web:dc1,dc2" as "web" and {"dc1", "dc2"}.
std::pair<std::string, std::vector<std::string>> SplitIdentity(const std::string& text) {
  const size_t colon = std::min(text.find(':'), text.size());
  std::vector<std::string> datacenters;
  for (size_t at = colon; at < text.size();) {
    const size_t end = std::min(text.find(',', at + 1), text.size());
    datacenters.push_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return {text.substr(0, colon), std::move(datacenters)};
}

ordered_json LinksJson(const std::vector<std::string>& ids, const std::vector<std::string>& names) {
  ordered_json list = ordered_json::array();
  for (const std::string& id : ids) list.push_back({{"ID", id}});
  for (const std::string& name : names) list.push_back({{"Name", name}});
  return list;
}

std::string PathOf(const std::string& kind, const std::string& id) {
  return "/v1/acl/" + kind + "/" + EncodeSegment(id);
}

// Asks for it although a server answers as well for what is not there: to remove what was not there
// must not look as if something had been revoked.
Result<std::string> FindId(RegistryClient& client, const std::string& kind, const AclName& name) {
  const Result<ordered_json> object = FetchByName(client, kind, name);
  if (!object) return object.error();
  return name.id ? *name.id : IdOf(*object);
}

// "ACL not found" is said of an object that is not there, and of a token that is none.
bool IsSaidOfWhatIsNotThere(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied;
}

}  // namespace

Result<std::string> BodyOf(Result<Response> response) {
  if (!response) return response.error();
  return std::move(response->body);
}

int CallAndShow(const ClientOptions& options,
                const std::function<Result<std::string>(RegistryClient&)>& call,
                const std::function<Result<std::string>(const std::string& body)>& text) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  RegistryClient client(*target);
  const Result<std::string> body = call(client);
  if (!body) return Fail(body.error());
  if (options.json) return PrintJsonAndExit(*body);
  const Result<std::string> shown = text(*body);
  return shown ? PrintAndExit(*shown) : Fail(shown.error());
}

Result<std::string> RulesFrom(const std::string& argument) {
  if (argument == "-") return ReadInput("-");
  if (argument.starts_with('@')) return ReadInput(argument.substr(1));
  std::error_code error;  // a longer text than a path may be is none
  if (std::filesystem::is_regular_file(argument, error)) {
    return InvalidArgument(Printable(argument) + " is a file: write @" + Printable(argument) +
                           " for what it holds");
  }
  return argument;
}

Result<std::string> ReadSecret(const std::string& file) {
  Result<std::string> text = ReadInput(file);
  if (!text) return text;
  std::string line = text->substr(0, text->find_first_of("\r\n"));
  if (line.empty()) {
    return InvalidArgument((file == "-" ? "standard input" : file) + ": its first line is empty");
  }
  return line;
}

void AddLinkOptions(CLI::App& command, AclOwner owner, AclLinks* links) {
  const auto add = [&command](const char* flag, std::vector<std::string>& list, const char* text) {
    command.add_option(flag, list, text)->allow_extra_args(false);
  };
  add("--policy-id", links->policy_ids, "A policy that it has, by ID; may be given several times");
  add("--policy-name", links->policy_names, "The same by name");
  if (owner == AclOwner::kToken) {
    add("--role-id", links->role_ids, "A role that it has, by ID");
    add("--role-name", links->role_names, "The same by name");
  }
  add("--service-identity", links->service_identities,
      "NAME or NAME:DC,DC: what instances of a service need");
  add("--node-identity", links->node_identities, "NAME:DC: what the agent on a node needs");
}

Result<void> ApplyLinks(const AclLinks& links, ordered_json* body) {
  if (!links.policy_ids.empty() || !links.policy_names.empty()) {
    (*body)["Policies"] = LinksJson(links.policy_ids, links.policy_names);
  }
  if (!links.role_ids.empty() || !links.role_names.empty()) {
    (*body)["Roles"] = LinksJson(links.role_ids, links.role_names);
  }
  if (!links.service_identities.empty()) {
    ordered_json list = ordered_json::array();
    for (const std::string& text : links.service_identities) {
      const auto [name, datacenters] = SplitIdentity(text);
      ordered_json identity = {{"ServiceName", name}};
      if (!datacenters.empty()) identity["Datacenters"] = datacenters;
      list.push_back(std::move(identity));
    }
    (*body)["ServiceIdentities"] = std::move(list);
  }
  if (!links.node_identities.empty()) {
    ordered_json list = ordered_json::array();
    for (const std::string& text : links.node_identities) {
      const auto [name, datacenters] = SplitIdentity(text);
      if (datacenters.size() != 1) {
        return InvalidArgument("--node-identity " + Printable(text) + ": expected NAME:DATACENTER");
      }
      list.push_back({{"NodeName", name}, {"Datacenter", datacenters.front()}});
    }
    (*body)["NodeIdentities"] = std::move(list);
  }
  return {};
}

void AddNameOptions(CLI::App& command, const char* what, AclName* name) {
  CLI::Option_group* const which = command.add_option_group("Which one");
  which->add_option("--id", name->id, "The " + std::string(what) + "'s ID");
  which->add_option("--name", name->name, "Or its name");
  which->require_option(1);
}

Result<ordered_json> FetchByName(RegistryClient& client, const std::string& kind,
                                 const AclName& name) {
  const std::string path =
      name.id ? PathOf(kind, *name.id) : "/v1/acl/" + kind + "/name/" + EncodeSegment(*name.name);
  const Result<Response> answer = client.Get(path);
  if (!answer) return answer.error();
  ordered_json object = ordered_json::parse(answer->body, nullptr, false);
  if (!object.is_object()) {
    return Corruption("the answer is not a " + kind + "; is --http-addr a rollcall server?");
  }
  return object;
}

std::string IdOf(const ordered_json& object) {
  const auto id = object.find("ID");
  return id == object.end() || !id->is_string() ? std::string() : id->get<std::string>();
}

int DeleteByName(const ClientOptions& options, const std::string& kind, const AclName& name) {
  std::string id;
  const auto remove = [&](RegistryClient& client) -> Result<std::string> {
    const Result<std::string> found = FindId(client, kind, name);
    if (found) {
      id = *found;
      return BodyOf(client.Delete(PathOf(kind, id)));
    }
    if (!name.id || !IsSaidOfWhatIsNotThere(found.error())) return found.error();
    // Removed all the same: a record that cannot be read is not found. And when the token is what
    // was not good, this is how it is known.
    const Result<Response> gone = client.Delete(PathOf(kind, *name.id));
    if (!gone) return gone.error();
    return NotFound("there is no " + kind + " " + Printable(*name.id) +
                    "; a damaged record of that name would be removed now");
  };
  return CallAndShow(options, remove, [&](const std::string&) -> Result<std::string> {
    return "deleted " + kind + " " + Printable(id) + "\n";
  });
}

}  // namespace rollcall::cli
