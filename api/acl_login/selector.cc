#include "api/acl_login/selector.h"

#include <utility>

#include "api/filter/expression.h"
#include "registry/model/json.h"

namespace rollcall::api::acl_login {
namespace {

std::string NamesThatThereAre(const jwt::Variables& variables) {
  std::string names;
  const auto add = [&names](const std::string& name) {
    names += (names.empty() ? "" : ", ") + name;
  };
  for (const auto& [name, value] : variables.values) add("value." + name);
  for (const auto& [name, list] : variables.lists) add("list." + name);
  if (names.empty()) return "has no variables (ClaimMappings, ListClaimMappings)";
  return "has " + names;
}

}  // namespace

Result<Selector> Selector::Parse(std::string_view text) {
  auto filter = filter::Filter<filter::LoginRecord>::Parse(text);
  if (!filter) return filter.error();
  Selector selector;
  selector.filter_ = *std::move(filter);
  if (text.empty()) return selector;
  auto expression = filter::ParseExpression(text);
  if (!expression) return expression.error();
  for (auto& [match, if_true, if_false] : expression->clauses) {
    const std::vector<std::string>& path = match.selector.path;
    const bool asks_for_key = match.op == filter::Operator::kIn ||  // "team in value"
                              match.op == filter::Operator::kNotIn;
    if (path.size() > 1) {
      selector.names_.push_back({path[0], path[1]});
    } else if (asks_for_key) {
      selector.names_.push_back({path[0], match.value});
    }
  }
  return selector;
}

Result<void> Selector::CheckNames(const jwt::Variables& variables) const {
  for (const auto& [map, name] : names_) {
    const bool is_there =
        map == "value" ? variables.values.contains(name) : variables.lists.contains(name);
    if (is_there) continue;
    return InvalidArgument("unknown variable " + model::Quoted(map + "." + name) +
                           ": the auth method " + NamesThatThereAre(variables));
  }
  return {};
}

bool Selector::Matches(const jwt::Variables& variables) const {
  std::vector<std::pair<Text, Text>> values;
  for (const auto& [name, value] : variables.values) values.emplace_back(name, value);
  std::vector<std::pair<Text, TextList>> lists;
  for (const auto& [name, list] : variables.lists) {
    lists.emplace_back(name, std::vector<Text>(list.begin(), list.end()));
  }
  return filter_.Matches({model::MapOf(std::move(values)), model::MapOf(std::move(lists))});
}

}  // namespace rollcall::api::acl_login
