using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateLexer
{
    private void ReadNumber()
    {
        var start = _at;
        while (_at < _source.Length && (char.IsAsciiDigit(_source[_at]) || _source[_at] == '_'))
            _at++;
        var isWhole = !(_at + 1 < _source.Length && _source[_at] == '.' && char.IsAsciiDigit(_source[_at + 1]));
        if (!isWhole)
        {
            _at++;
            while (_at < _source.Length && char.IsAsciiDigit(_source[_at]))
                _at++;
        }

        var sign = _at + 1 < _source.Length && _source[_at + 1] is '-' or '+' ? 1 : 0;
        if (
            _at < _source.Length
            && _source[_at] is 'e' or 'E'
            && _at + 1 + sign < _source.Length
            && char.IsAsciiDigit(_source[_at + 1 + sign])
        )
        {
            isWhole = false;
            _at += 1 + sign;
            while (_at < _source.Length && char.IsAsciiDigit(_source[_at]))
                _at++;
        }

        Add(
            isWhole ? TemplateTokenKind.Integer : TemplateTokenKind.Number,
            _source[start.._at].Replace("_", "", StringComparison.Ordinal)
        );
    }

    private void ReadLiteral(char quote)
    {
        var text = new StringBuilder();
        for (_at++; ; _at++)
        {
            if (_at >= _source.Length)
                throw Error("a string is not closed.");
            var c = _source[_at];
            if (c == quote)
                break;
            if (c == '\\' && _at + 1 < _source.Length)
                ReadEscape(text);
            else
                text.Append(c);
        }

        _at++;
        Add(TemplateTokenKind.Literal, text.ToString());
    }

    private void ReadEscape(StringBuilder text)
    {
        var c = _source[++_at];
        var digits = c switch
        {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if (digits > 0)
        {
            if (
                _at + digits >= _source.Length
                || !int.TryParse(
                    _source.AsSpan(_at + 1, digits),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out var scalar
                )
                || !(Rune.IsValid(scalar) || digits == 4)
            )
                throw Error("an escape in a string is not valid.");
            text.Append(Rune.IsValid(scalar) ? new Rune(scalar).ToString() : ((char)scalar).ToString());
            _at += digits;
            return;
        }

        text.Append(
            c switch
            {
                'n' => "\n",
                't' => "\t",
                'r' => "\r",
                '0' => "\0",
                '\\' => "\\",
                '\'' => "'",
                '"' => "\"",
                '\n' => "",
                _ => $"\\{c}",
            }
        );
    }
}
