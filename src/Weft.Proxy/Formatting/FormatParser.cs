using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>Takes a format string apart into operators. Faults are reported at a field of a message. Main thread.</summary>
internal sealed partial class FormatParser(ConfigContext context, IMessage at, string? field)
{
    /// <summary>The pieces of a format: text and operators in turn; null after a fault.</summary>
    public FormatOperator[]? Parse(string format)
    {
        var pieces = new List<FormatOperator>();
        var text = new StringBuilder();
        for (var position = 0; position < format.Length;)
        {
            if (format[position] != '%' || format.AsSpan(position).StartsWith("%%"))
            {
                text.Append(format[position]);
                position += format[position] == '%' ? 2 : 1;
                continue;
            }

            var match = OperatorPattern().Match(format, position);
            if (!match.Success || Create(match) is not { } piece)
            {
                if (!match.Success)
                    context.Error(at, field, $"Incorrect configuration: {format}. Couldn't find valid command at position {position}");
                return null;
            }

            AddText(pieces, text);
            pieces.Add(piece);
            position += match.Length;
        }

        AddText(pieces, text);
        return pieces.Count == 0 ? [new ConstantOperator("")] : [.. pieces];
    }

    private FormatOperator? Create(Match match)
    {
        var length = match.Groups[3].Success && int.TryParse(match.Groups[3].ValueSpan, out var number) ? number : (int?)null;
        var text = new OperatorText(match.Groups[1].Value, match.Groups[2].Value, length);
        if (OperatorTable.Find(text.Name) is not { } kind)
        {
            context.Error(at, field, $"Not supported field in StreamInfo: {text.Name}; the operators are {string.Join(", ", OperatorTable.Names)}");
            return null;
        }

        FormatOperator? piece = null;
        var error = text.CheckAgainst(kind.Syntax) ?? ((piece = kind.Create(text, out var fault)) is null ? fault : null);
        if (error is not null)
            context.Error(at, field, error);
        return piece;
    }

    /// <summary>Neighbouring constants become one piece.</summary>
    private static void AddText(List<FormatOperator> pieces, StringBuilder text)
    {
        if (text.Length > 0)
            pieces.Add(new ConstantOperator(text.ToString()));
        text.Clear();
    }

    [GeneratedRegex(@"\G%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%", RegexOptions.CultureInvariant)]
    private static partial Regex OperatorPattern();
}
