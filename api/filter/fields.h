// Fields: what a filter may ask of one type of record, and how each field is read. A schema is a
// list of fields, written with the functions below:
//
//   const Fields<model::Weights>& WeightsFields() {
//     static const Fields<model::Weights> kFields = {
//         Number<model::Weights>("Passing", [](const auto& weights) { return weights.passing; }),
//         ...
//
// Binding a match to a schema checks its selector, operator and value, and gives a predicate that
// reads records in place: references and string_views, nothing is copied or allocated.
// A getter is a function of the record without state. Where it returns a view or a reference, that
// must live as long as the record that it was asked of.
//
// Schemas are immutable and live as long as the program; predicates are immutable and own all that
// they need. Any thread may use both.
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "api/filter/condition.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::api::filter {

template <typename Record>
using Predicate = std::function<bool(const Record&)>;

template <typename Record>
struct Field {
  std::string_view name;
  // Given the path behind the field's name.
  std::function<Result<Predicate<Record>>(const Path&)> bind;
};

template <typename Record>
using Fields = std::vector<Field<Record>>;

// kInvalidArgument when the selector names no field, the field knows no such operator, or the
// value is none for it.
template <typename Record>
Result<Predicate<Record>> Bind(const Fields<Record>& fields, const Path& path) {
  if (path.at_end()) return path.NoSuchOperator();  // a record as a whole has none
  for (const Field<Record>& field : fields) {
    if (field.name == path.step()) return field.bind(path.Next());
  }
  return path.NotValid();
}

// A position in a list: nothing unless the step is all digits. One too great for any list is
// valid, and never there.
inline std::optional<size_t> PositionIn(const std::string& step) {
  size_t position = 0;
  const char* const end = step.data() + step.size();
  const auto [stop, error] = std::from_chars(step.data(), end, position);
  if (error == std::errc::invalid_argument || stop != end) return std::nullopt;
  return error == std::errc() ? position : SIZE_MAX;
}

// A field of one value, tested by a Condition.
template <typename Record, typename Condition, typename Get>
Field<Record> Leaf(std::string_view name, Get get) {
  return {
      name, [get](const Path& path) -> Result<Predicate<Record>> {
        auto condition = Condition::Make(path);
        if (!condition) return std::move(condition).error();
        return Predicate<Record>([get, condition = *std::move(condition)](const Record& record) {
          return condition.Holds(get(record));
        });
      }};
}

// get: a std::string_view.
template <typename Record, typename Get>
Field<Record> Text(std::string_view name, Get get) {
  return Leaf<Record, TextCondition>(name, get);
}

// get: an integer.
template <typename Record, typename Get>
Field<Record> Number(std::string_view name, Get get) {
  return Leaf<Record, NumberCondition>(name, get);
}

// get: a bool.
template <typename Record, typename Get>
Field<Record> Flag(std::string_view name, Get get) {
  return Leaf<Record, FlagCondition>(name, get);
}

// get: a const TextList&. The whole list, or one text by its position.
template <typename Record, typename Get>
Field<Record> Texts(std::string_view name, Get get) {
  return {name, [get](const Path& path) -> Result<Predicate<Record>> {
            const auto position = path.at_end() ? std::nullopt : PositionIn(path.step());
            if (!position) return Leaf<Record, ContentCondition>({}, get).bind(path);
            auto condition = TextCondition::Make(path.Next());
            if (!condition) return std::move(condition).error();
            const bool if_missing = HoldsForMissing(path.match().op);
            return Predicate<Record>([get, condition = *std::move(condition), position = *position,
                                      if_missing](const Record& record) {
              const TextList& list = get(record);
              return position < list.size() ? condition.Holds(list[position]) : if_missing;
            });
          }};
}

// get: a const model::StringMap&. The map's keys, or one value by its key.
template <typename Record, typename Get>
Field<Record> TextMap(std::string_view name, Get get) {
  return {name, [get](const Path& path) -> Result<Predicate<Record>> {
            if (path.at_end()) return Leaf<Record, ContentCondition>({}, get).bind(path);
            auto condition = TextCondition::Make(path.Next());
            if (!condition) return std::move(condition).error();
            const bool if_missing = HoldsForMissing(path.match().op);
            return Predicate<Record>([get, condition = *std::move(condition), key = path.step(),
                                      if_missing](const Record& record) {
              const rollcall::Text* const value = model::FindInMap(get(record), key);
              return value != nullptr ? condition.Holds(*value) : if_missing;
            });
          }};
}

// get: a const model::FlatMap<TextList>&. The map's keys, or one list by its key, as Texts.
template <typename Record, typename Get>
Field<Record> TextListMap(std::string_view name, Get get) {
  return {name, [get](const Path& path) -> Result<Predicate<Record>> {
            if (path.at_end()) return Leaf<Record, ContentCondition>({}, get).bind(path);
            const auto self = [](const TextList& list) -> const TextList& { return list; };
            auto inner = Texts<TextList>({}, self).bind(path.Next());
            if (!inner) return std::move(inner).error();
            const bool if_missing = HoldsForMissing(path.match().op);
            return Predicate<Record>([get, inner = *std::move(inner), key = path.step(),
                                      if_missing](const Record& record) {
              const TextList* const list = model::FindInMap(get(record), key);
              return list != nullptr ? inner(*list) : if_missing;
            });
          }};
}

// get: a Sub or a const Sub&, a record within the record.
template <typename Record, typename Sub, typename Get>
Field<Record> Object(std::string_view name, const Fields<Sub>& fields, Get get) {
  return {name, [get, &fields](const Path& path) -> Result<Predicate<Record>> {
            auto inner = Bind(fields, path);
            if (!inner) return std::move(inner).error();
            return Predicate<Record>([get, inner = *std::move(inner)](const Record& record) {
              return inner(get(record));
            });
          }};
}

// get: a const model::FlatMap<Sub>&. The map's keys, or fields of one value by its key.
template <typename Record, typename Sub, typename Get>
Field<Record> ObjectMap(std::string_view name, const Fields<Sub>& fields, Get get) {
  return {name, [get, &fields](const Path& path) -> Result<Predicate<Record>> {
            if (path.at_end()) return Leaf<Record, ContentCondition>({}, get).bind(path);
            auto inner = Bind(fields, path.Next());
            if (!inner) return std::move(inner).error();
            const bool if_missing = HoldsForMissing(path.match().op);
            return Predicate<Record>([get, inner = *std::move(inner), key = path.step(),
                                      if_missing](const Record& record) {
              const Sub* const value = model::FindInMap(get(record), key);
              return value != nullptr ? inner(*value) : if_missing;
            });
          }};
}

// A list of records: their number, one by its position, or a question to all of them, which holds
// when it holds for any. size: a size_t; at: a const Sub&, of a position below it.
template <typename Record, typename Sub, typename Size, typename At>
Field<Record> Objects(std::string_view name, const Fields<Sub>& fields, Size size, At at) {
  return {name, [size, at, &fields](const Path& path) -> Result<Predicate<Record>> {
            if (path.at_end()) return Leaf<Record, EmptinessCondition>({}, size).bind(path);
            const auto position = PositionIn(path.step());
            auto inner = Bind(fields, position ? path.Next() : path);
            if (!inner) return std::move(inner).error();
            if (position) {
              const bool if_missing = HoldsForMissing(path.match().op);
              return Predicate<Record>([size, at, inner = *std::move(inner), position = *position,
                                        if_missing](const Record& record) {
                return position < size(record) ? inner(at(record, position)) : if_missing;
              });
            }
            return Predicate<Record>([size, at, inner = *std::move(inner)](const Record& record) {
              for (size_t i = 0; i < size(record); ++i) {
                if (inner(at(record, i))) return true;
              }
              return false;
            });
          }};
}

}  // namespace rollcall::api::filter
