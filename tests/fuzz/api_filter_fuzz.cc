// Fuzz target: the filter language, from the text to the answer about a record. The first byte
// picks the records; the rest is the expression. What must hold of everything that is accepted:
// it and its negation give opposite answers, and so it does in parentheses.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "api/filter/filter.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"
#include "tests/api/filter/samples.h"

namespace {

using rollcall::api::filter::Filter;

void Require(bool holds) {
  if (!holds) std::abort();
}

template <typename Record>
void Try(std::string_view text, const Record& record) {
  const auto filter = Filter<Record>::Parse(text);
  if (!filter) {
    const std::string& message = filter.error().message;
    Require(filter.error().code == rollcall::ErrorCode::kInvalidArgument);
    Require(!message.empty() && message.find_first_of("\r\n") == std::string::npos);
    return;
  }
  const bool matches = filter->Matches(record);
  if (text.empty()) return Require(matches);
  // Null when the text is at a limit that the additions exceed.
  const auto negated = Filter<Record>::Parse("not (" + std::string(text) + ")");
  if (negated) Require(negated->Matches(record) == !matches);
  const auto grouped = Filter<Record>::Parse("(" + std::string(text) + ")");
  if (grouped) Require(grouped->Matches(record) == matches);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace filter = rollcall::api::filter;
  static const rollcall::catalog::InstanceEntry kEntry = filter::SampleEntry();
  static const rollcall::model::Check kCheck = filter::SampleCheck();
  const rollcall::model::Instance& instance = *kEntry.instance;
  if (size == 0) return 0;
  const std::string input(data, data + size);
  const std::string_view text = std::string_view(input).substr(1);
  switch (input.front() % 5) {
    case 0:
      Try(text, filter::NodeRecord{*kEntry.node, "dc1"});
      break;
    case 1:
      Try(text, filter::CatalogServiceRecord{*kEntry.node, instance, "dc1"});
      break;
    case 2:
      Try(text, filter::HealthRecord{kEntry, "dc1"});
      break;
    case 3:
      Try(text, kCheck);
      break;
    default:
      Try(text, instance);
      break;
  }
  return 0;
}
