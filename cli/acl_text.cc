#include "cli/acl_text.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "cli/table.h"
#include "registry/base/printable.h"

namespace rollcall::cli {
namespace {

using Json = nlohmann::ordered_json;

Error NotAnAnswer() {
  return Corruption("the answer is none of /v1/acl; is --http-addr a rollcall server?");
}

std::string TextAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

// Of `object[list]`, each element as `one` shows it.
template <typename One>
std::vector<std::string> Each(const Json& object, const char* list, const One& one) {
  std::vector<std::string> texts;
  const auto found = object.find(list);
  if (found == object.end() || !found->is_array()) return texts;
  for (const Json& element : *found) texts.push_back(one(element));
  return texts;
}

std::string NamedLink(const Json& link) { return TextAt(link, "Name"); }
std::string LinkWithId(const Json& link) {
  return TextAt(link, "ID") + " - " + TextAt(link, "Name");
}

std::string ServiceIdentity(const Json& identity) {
  const std::vector<std::string> datacenters = Each(identity, "Datacenters", [](const Json& each) {
    return each.is_string() ? each.get<std::string>() : "";
  });
  std::string text = TextAt(identity, "ServiceName");
  for (size_t i = 0; i < datacenters.size(); ++i) text += (i == 0 ? ":" : ",") + datacenters[i];
  return text;
}

std::string NodeIdentity(const Json& identity) {
  return TextAt(identity, "NodeName") + ":" + TextAt(identity, "Datacenter");
}

class Lines {
 public:
  Lines& Add(std::string_view label, const std::string& value) {
    constexpr size_t kColumn = 20;
    text_ += label;
    text_ += ':';
    text_.append(kColumn > label.size() + 1 ? kColumn - label.size() - 1 : 1, ' ');
    text_ += Printable(value) + "\n";
    return *this;
  }
  // Leaves out what is empty.
  Lines& AddSome(std::string_view label, const std::string& value) {
    return value.empty() ? *this : Add(label, value);
  }
  Lines& AddList(std::string_view label, const std::vector<std::string>& values) {
    if (values.empty()) return *this;
    text_ += label;
    text_ += ":\n";
    for (const std::string& value : values) text_ += "   " + Printable(value) + "\n";
    return *this;
  }
  // As it was written, with its own lines.
  Lines& AddText(std::string_view label, std::string_view value) {
    text_ += label;
    text_ += ":\n";
    while (!value.empty()) {
      const size_t end = std::min(value.find('\n'), value.size());
      text_ += Printable(value.substr(0, end)) + "\n";
      value.remove_prefix(std::min(end + 1, value.size()));
    }
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void AddLinks(const Json& object, Lines* lines) {
  lines->AddList("Policies", Each(object, "Policies", LinkWithId))
      .AddList("Roles", Each(object, "Roles", LinkWithId))
      .AddList("Service Identities", Each(object, "ServiceIdentities", ServiceIdentity))
      .AddList("Node Identities", Each(object, "NodeIdentities", NodeIdentity));
}

std::string Joined(std::vector<std::string> texts, const std::vector<std::string>& more) {
  texts.insert(texts.end(), more.begin(), more.end());
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

std::string IdentitiesOf(const Json& object) {
  return Joined(Each(object, "ServiceIdentities", ServiceIdentity),
                Each(object, "NodeIdentities", NodeIdentity));
}

// `make(object)` of a body that holds one object.
template <typename Make>
Result<std::string> OfObject(const std::string& body, const Make& make) {
  const Json object = Json::parse(body, nullptr, false);
  if (!object.is_object()) return NotAnAnswer();
  return make(object);
}

// A table with a row of `row(object)` for each object in a body that holds a list.
template <typename Row>
Result<std::string> OfList(const std::string& body, std::vector<std::string> headings,
                           const Row& row) {
  const Json list = Json::parse(body, nullptr, false);
  if (!list.is_array()) return NotAnAnswer();
  Table table(std::move(headings), ColourWanted());
  for (const Json& object : list) {
    if (!object.is_object()) return NotAnAnswer();
    std::vector<std::string> cells = row(object);
    for (std::string& cell : cells) cell = Printable(cell);
    table.AddRow(std::move(cells));
  }
  return table.Text();
}

}  // namespace

Result<std::string> TokenText(const std::string& body) {
  return OfObject(body, [](const Json& token) {
    Lines lines;
    lines.Add("AccessorID", TextAt(token, "AccessorID"))
        .Add("SecretID", TextAt(token, "SecretID"))
        .Add("Description", TextAt(token, "Description"))
        .Add("Local", token.contains("Local") && token.at("Local") == true ? "true" : "false")
        .AddSome("Auth Method", TextAt(token, "AuthMethod"))
        .Add("Create Time", TextAt(token, "CreateTime"))
        .AddSome("Expiration Time", TextAt(token, "ExpirationTime"));
    AddLinks(token, &lines);
    return lines.Take();
  });
}

Result<std::string> PolicyText(const std::string& body) {
  return OfObject(body, [](const Json& policy) {
    return Lines()
        .Add("ID", TextAt(policy, "ID"))
        .Add("Name", TextAt(policy, "Name"))
        .Add("Description", TextAt(policy, "Description"))
        .AddList("Datacenters", Each(policy, "Datacenters",
                                     [](const Json& each) {
                                       return each.is_string() ? each.get<std::string>() : "";
                                     }))
        .AddText("Rules", TextAt(policy, "Rules"))
        .Take();
  });
}

Result<std::string> RoleText(const std::string& body) {
  return OfObject(body, [](const Json& role) {
    Lines lines;
    lines.Add("ID", TextAt(role, "ID"))
        .Add("Name", TextAt(role, "Name"))
        .Add("Description", TextAt(role, "Description"));
    AddLinks(role, &lines);
    return lines.Take();
  });
}

Result<std::string> AuthMethodText(const std::string& body) {
  return OfObject(body, [](const Json& method) {
    const auto config = method.find("Config");
    return Lines()
        .Add("Name", TextAt(method, "Name"))
        .Add("Type", TextAt(method, "Type"))
        .AddSome("Display Name", TextAt(method, "DisplayName"))
        .Add("Description", TextAt(method, "Description"))
        .AddSome("Max Token TTL", TextAt(method, "MaxTokenTTL"))
        .AddSome("Token Locality", TextAt(method, "TokenLocality"))
        .AddText("Config", config == method.end() ? "" : config->dump(2))
        .Take();
  });
}

Result<std::string> BindingRuleText(const std::string& body) {
  return OfObject(body, [](const Json& rule) {
    return Lines()
        .Add("ID", TextAt(rule, "ID"))
        .Add("Auth Method", TextAt(rule, "AuthMethod"))
        .Add("Description", TextAt(rule, "Description"))
        .Add("Bind Type", TextAt(rule, "BindType"))
        .Add("Bind Name", TextAt(rule, "BindName"))
        .Add("Selector", TextAt(rule, "Selector"))
        .Take();
  });
}

Result<std::string> TokenListText(const std::string& body) {
  return OfList(body, {"ACCESSOR", "DESCRIPTION", "POLICIES", "ROLES", "IDENTITIES", "EXPIRES"},
                [](const Json& token) -> std::vector<std::string> {
                  return {TextAt(token, "AccessorID"),
                          TextAt(token, "Description"),
                          Joined(Each(token, "Policies", NamedLink), {}),
                          Joined(Each(token, "Roles", NamedLink), {}),
                          IdentitiesOf(token),
                          TextAt(token, "ExpirationTime")};
                });
}

Result<std::string> PolicyListText(const std::string& body) {
  return OfList(
      body, {"ID", "NAME", "DESCRIPTION"}, [](const Json& policy) -> std::vector<std::string> {
        return {TextAt(policy, "ID"), TextAt(policy, "Name"), TextAt(policy, "Description")};
      });
}

Result<std::string> RoleListText(const std::string& body) {
  return OfList(body, {"ID", "NAME", "DESCRIPTION", "POLICIES", "IDENTITIES"},
                [](const Json& role) -> std::vector<std::string> {
                  return {TextAt(role, "ID"), TextAt(role, "Name"), TextAt(role, "Description"),
                          Joined(Each(role, "Policies", NamedLink), {}), IdentitiesOf(role)};
                });
}

Result<std::string> AuthMethodListText(const std::string& body) {
  return OfList(body, {"NAME", "TYPE", "DESCRIPTION", "MAX TTL"},
                [](const Json& method) -> std::vector<std::string> {
                  return {TextAt(method, "Name"), TextAt(method, "Type"),
                          TextAt(method, "Description"), TextAt(method, "MaxTokenTTL")};
                });
}

Result<std::string> BindingRuleListText(const std::string& body) {
  return OfList(body, {"ID", "METHOD", "BIND TYPE", "BIND NAME", "SELECTOR", "DESCRIPTION"},
                [](const Json& rule) -> std::vector<std::string> {
                  return {TextAt(rule, "ID"),       TextAt(rule, "AuthMethod"),
                          TextAt(rule, "BindType"), TextAt(rule, "BindName"),
                          TextAt(rule, "Selector"), TextAt(rule, "Description")};
                });
}

}  // namespace rollcall::cli
