#include "api/acl_login/selector.h"

#include <utility>
#include <vector>

namespace rollcall::api::acl_login {

Result<Selector> Selector::Parse(std::string_view text) {
  auto filter = filter::Filter<filter::LoginRecord>::Parse(text);
  if (!filter) return filter.error();
  Selector selector;
  selector.filter_ = *std::move(filter);
  return selector;
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
