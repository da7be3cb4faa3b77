#include "agent/json_lines.h"

#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace rollcall::agent {
namespace {

using nlohmann::json;

// Goes through a text and counts the lines that have been begun. The parser reads no further than
// the bracket that an object or an array begins with before it says so.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  size_t* line_;
};

// Where the parser is.
class Position {
 public:
  void Key(std::string key) { stack_.back().key = std::move(key); }
  void Enter(bool is_array) { stack_.push_back({is_array, 0, ""}); }
  void Leave() {
    stack_.pop_back();
    Next();
  }
  // After a value of an array.
  void Next() {
    if (!stack_.empty()) ++stack_.back().index;
  }

  std::string Path() const {
    std::string path;
    for (const Level& level : stack_) {
      if (level.is_array) {
        path += '[' + std::to_string(level.index) + ']';
      } else {
        path += (path.empty() ? "" : ".") + level.key;
      }
    }
    return path;
  }

 private:
  struct Level {
    bool is_array;
    size_t index;
    std::string key;
  };
  std::vector<Level> stack_;
};

// "[json.exception...] parse error at line 3, column 7: syntax error while ...": from the line on.
std::string FromLine(std::string_view what) {
  constexpr std::string_view kLine = "line ";
  const size_t line = what.find(kLine);
  if (line == std::string_view::npos) return std::string(what);
  what.remove_prefix(line + kLine.size());
  const size_t comma = what.find(',');
  const size_t colon = what.find(": ");
  if (comma == std::string_view::npos || colon == std::string_view::npos) return std::string(what);
  return std::string(what.substr(0, comma)) + std::string(what.substr(colon));
}

}  // namespace

Result<JsonLines> JsonLines::Parse(std::string_view text) {
  JsonLines parsed;
  size_t line = 1;
  Position position;
  const auto note = [&](int /*depth*/, json::parse_event_t event, json& value) {
    switch (event) {
      case json::parse_event_t::key:
        position.Key(value.get<std::string>());
        break;
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        parsed.lines_.emplace(position.Path(), line);
        position.Enter(event == json::parse_event_t::array_start);
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        position.Leave();
        break;
      case json::parse_event_t::value:
        position.Next();
        break;
    }
    return true;
  };
  try {
    parsed.value_ = json::parse(CountingIterator(text.data(), &line),
                                CountingIterator(text.data() + text.size(), &line), note);
  } catch (const json::parse_error& error) {
    return InvalidArgument(FromLine(error.what()));
  }
  return parsed;
}

size_t JsonLines::LineOf(std::string_view path) const {
  for (;;) {
    if (const auto known = lines_.find(path); known != lines_.end()) return known->second;
    const size_t end = path.find_last_of(".[");
    if (end == std::string_view::npos) break;
    path = path.substr(0, end);
  }
  const auto whole = lines_.find(std::string_view());
  return whole == lines_.end() ? 1 : whole->second;
}

}  // namespace rollcall::agent
