// A table of text for people: columns aligned with spaces, on a terminal and in a pipe alike, so
// that awk and cut see what the reader sees. Single-threaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::cli {

class Table {
 public:
  // `colour`: whether cells of the column kStatusHeading are coloured by their status.
  Table(std::vector<std::string> headings, bool colour);

  static constexpr std::string_view kStatusHeading = "STATUS";

  // As many cells as there are headings. An empty cell shows as "-": every row has every column.
  void AddRow(std::vector<std::string> cells);

  // Headings and rows, in the order in which they were added, each on a line of its own.
  std::string Text() const;

 private:
  void AppendRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                 bool colour, std::string* text) const;

  std::vector<std::vector<std::string>> rows_;  // the first are the headings
  const bool colour_;
};

}  // namespace rollcall::cli
