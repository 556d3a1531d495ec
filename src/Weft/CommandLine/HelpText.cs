using System.Text;

namespace Weft.CommandLine;

/// <summary>The help of a command, made from its option table: groups in the order of the table, texts wrapped.</summary>
internal static class HelpText
{
    private const int Column = 6;
    private const int Width = 100;

    public static string Of(string usage, string summary, CommandOption[] table)
    {
        var text = new StringBuilder();
        text.Append("USAGE: ").AppendLine(usage).AppendLine().AppendLine(summary);
        foreach (var group in table.GroupBy(option => option.Group))
        {
            text.AppendLine().Append(group.Key).AppendLine(":");
            foreach (var option in group)
                AddOption(text, option);
        }
        return text.ToString();
    }

    private static void AddOption(StringBuilder text, CommandOption option)
    {
        text.Append("  ");
        if (option.Short != 0)
            text.Append('-').Append(option.Short).Append(", ");
        text.Append("--").Append(option.Name);
        if (option.Argument is not null)
            text.Append(" <").Append(option.Argument).Append('>');
        text.AppendLine();
        Wrap(text, option.Help);
        if (option.Choices is not null)
            Wrap(text, "One of: " + string.Join(", ", option.Choices));
        if (option.Default.Length > 0)
            Wrap(text, "Default: " + option.Default);
        if (option.NoEffect is not null)
            Wrap(text, $"Accepted, without effect: {option.NoEffect}");
    }

    private static void Wrap(StringBuilder text, string paragraph)
    {
        var line = new StringBuilder();
        foreach (var word in paragraph.Split(' '))
        {
            if (line.Length > 0 && Column + line.Length + 1 + word.Length > Width)
            {
                text.Append(' ', Column).Append(line).AppendLine();
                line.Clear();
            }
            if (line.Length > 0)
                line.Append(' ');
            line.Append(word);
        }
        text.Append(' ', Column).Append(line).AppendLine();
    }
}
