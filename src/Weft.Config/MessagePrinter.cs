using Google.Protobuf;
using Weft.Config.Printing;

namespace Weft.Config;

/// <summary>How a message is printed.</summary>
public sealed record PrintOptions
{
    /// <summary>What <c>/config_dump</c> shows: set fields, over several lines, secrets hidden.</summary>
    public static PrintOptions Default { get; } = new();

    /// <summary>Prints fields that have no presence even when they hold their default, as Envoy does in <c>/server_info</c>. Default false: only what is set.</summary>
    public bool AllFields { get; init; }

    /// <summary>One line per value, indented by one space per level as in Envoy. Default true; false prints one line without spaces. JSON only.</summary>
    public bool Indented { get; init; } = true;

    /// <summary>Hides fields the API marks as sensitive. Default true.</summary>
    public bool Redacted { get; init; } = true;
}

/// <summary>
/// Prints messages as Envoy does: snake_case names, fields in the order of their numbers, Anys opened with <c>@type</c> first, and
/// "[redacted]" in place of secrets. Any thread.
/// </summary>
public static class MessagePrinter
{
    /// <summary>Prints JSON, without a line end behind it.</summary>
    public static void WriteJson(IMessage m, TextWriter w, PrintOptions? options = null)
    {
        options ??= PrintOptions.Default;
        new MessageWriter(new JsonWriter(w, options.Indented), options).Write(m);
    }

    /// <summary>Prints JSON in UTF-8, without a line end behind it; the stream stays open.</summary>
    public static void WriteJson(IMessage m, Stream stream, PrintOptions? options = null)
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), 16 * 1024, leaveOpen: true);
        WriteJson(m, writer, options);
    }

    /// <summary>Prints YAML in block style.</summary>
    public static void WriteYaml(IMessage m, TextWriter w, PrintOptions? options = null)
        => new MessageWriter(new YamlWriter(w), options ?? PrintOptions.Default).Write(m);

    /// <summary>JSON as a string.</summary>
    public static string ToJson(IMessage m, PrintOptions? options = null)
    {
        using var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        WriteJson(m, text, options);
        return text.ToString();
    }

    /// <summary>YAML as a string.</summary>
    public static string ToYaml(IMessage m, PrintOptions? options = null)
    {
        using var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        WriteYaml(m, text, options);
        return text.ToString();
    }
}
