using System.Globalization;

namespace Weft.CommandLine;

/// <summary>
/// Reads <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>, <c>-nvalue</c> and switches after a table. The texts of its
/// complaints are those that users of Envoy know.
/// </summary>
internal static class OptionParser
{
    /// <param name="allowArguments">Whether anything but options may be given.</param>
    /// <exception cref="UsageException">An option is unknown, lacks its value, has a wrong one, or is given twice.</exception>
    public static ParsedOptions Parse(CommandOption[] table, IReadOnlyList<string> args, bool allowArguments = false)
    {
        var result = new ParsedOptions(table);
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--" && allowArguments)
            {
                result.Arguments.AddRange(args.Skip(i + 1));
                break;
            }
            if (arg.Length < 2 || arg[0] != '-')
            {
                if (!allowArguments)
                    throw Fault(arg, "Couldn't find match for argument");
                result.Arguments.Add(arg);
                continue;
            }
            var (option, attached) = Match(table, arg);
            Add(result, option, Value(option, attached, args, ref i));
        }
        return result;
    }

    private static (CommandOption Option, string? Attached) Match(CommandOption[] table, string arg)
    {
        if (!arg.StartsWith("--", StringComparison.Ordinal))
        {
            var byLetter = Array.Find(table, option => option.Short == arg[1]) ?? throw Unknown(table, arg);
            var rest = arg[2..];
            return (byLetter, rest.Length == 0 ? null : rest.StartsWith('=') ? rest[1..] : rest);
        }
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? arg[2..] : arg[2..equals];
        var byName = Array.Find(table, option => option.Name == name) ?? throw Unknown(table, "--" + name);
        return (byName, equals < 0 ? null : arg[(equals + 1)..]);
    }

    private static string Value(CommandOption option, string? attached, IReadOnlyList<string> args, ref int i)
    {
        if (option.IsSwitch)
            return attached is null ? "true" : throw Fault(Name(option), "This argument takes no value!");
        if (attached is not null)
            return attached;
        return ++i < args.Count ? args[i] : throw Fault(Name(option), "Missing a value for this argument!");
    }

    private static void Add(ParsedOptions result, CommandOption option, string value)
    {
        if (result.IsGiven(option.Name) && !option.IsRepeatable)
            throw Fault(Name(option), "Argument already set!");
        if (option.IsNumber && !uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw Fault(Name(option), $"Couldn't read argument value from string '{value}'");
        result.Add(option, value);
    }

    private static UsageException Unknown(CommandOption[] table, string arg)
    {
        var closest = Spelling.Closest(arg.TrimStart('-'), table.Select(option => option.Name));
        return Fault(arg, "Couldn't find match for argument" + (closest is null ? "" : $"; did you mean --{closest}?"));
    }

    private static string Name(CommandOption option) => option.Short == 0 ? $"(--{option.Name})" : $"-{option.Short} (--{option.Name})";

    private static UsageException Fault(string argument, string text) => new($"PARSE ERROR: Argument: {argument}\n             {text}");
}
