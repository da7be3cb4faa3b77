#include "cli/table.h"

#include <algorithm>
#include <cassert>

#include "cli/console.h"
#include "registry/base/printable.h"

namespace rollcall::cli {
namespace {

// Columns on a terminal: UTF-8 continuation bytes take none.
size_t Width(std::string_view cell) {
  return static_cast<size_t>(std::count_if(cell.begin(), cell.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

Table::Table(std::vector<std::string> headings, bool colour) : colour_(colour) {
  rows_.push_back(std::move(headings));
}

void Table::AddRow(std::vector<std::string> cells) {
  assert(cells.size() == rows_.front().size());
  for (std::string& cell : cells) cell = cell.empty() ? "-" : Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Text() const {
  std::vector<size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) AppendRow(row, widths, colour_ && &row != &rows_.front(), &text);
  return text;
}

void Table::AppendRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                      bool colour, std::string* text) const {
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool coloured = colour && rows_.front()[i] == kStatusHeading;
    text->append(StatusColour(cells[i], coloured)).append(cells[i]).append(PlainColour(coloured));
    // The last column is not padded: no line ends in spaces.
    if (i + 1 < cells.size()) text->append(widths[i] - Width(cells[i]) + 2, ' ');
  }
  *text += '\n';
}

}  // namespace rollcall::cli
