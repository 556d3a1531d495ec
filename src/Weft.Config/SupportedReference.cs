using Weft.Config.Support;
using Weft.Config.Types;

namespace Weft.Config;

/// <summary>Writes the reference page of what Weft implements, from the tables that also decide what is refused.</summary>
public static class SupportedReference
{
    /// <summary>Writes the page in Markdown.</summary>
    public static void Write(TextWriter writer)
    {
        writer.Write(Introduction);
        WriteExtensions(writer);
        foreach (var chapter in SupportTable.Default.Messages.GroupBy(static m => m.File)) WriteMessages(writer, chapter.Key, chapter);
    }

    private const string Introduction = """
        # What of Envoy's configuration Weft implements

        This page is generated from `src/Weft.Config/Support/`, which also decides what happens at start-up; change the tables, then run
        the tests of `Weft.Config` with `WEFT_UPDATE_REFERENCE=1` to write it anew.

        - **works**: implemented. Where values are listed, only these are.
        - **no effect**: accepted and noted once; nobody will miss it.
        - Every other field and extension of the API is refused when it is set, with file and line, because it would change what happens to
          traffic. `--allow-unimplemented` turns that into a warning.

        """;

    private static void WriteExtensions(TextWriter writer)
    {
        writer.WriteLine();
        writer.WriteLine("## Extensions");
        foreach (var category in ExtensionTable.Default.All.GroupBy(static e => e.Category))
        {
            writer.WriteLine();
            writer.WriteLine($"**{category.Key}**");
            writer.WriteLine();
            WriteLine(writer, "works", Named(category, SupportStatus.Implemented));
            WriteLine(writer, "no effect", Named(category, SupportStatus.Harmless));
            WriteLine(writer, "refused", Named(category, SupportStatus.Refused));
        }
    }

    private static List<string> Named(IEnumerable<Extension> extensions, SupportStatus status)
        => [.. extensions.Where(e => e.Status == status).Select(static e => $"`{e.Name}`")];

    private static void WriteMessages(TextWriter writer, string chapter, IEnumerable<MessageSupport> messages)
    {
        writer.WriteLine();
        writer.WriteLine($"## Fields: {chapter.Replace('-', ' ')}");
        foreach (var message in messages) WriteMessage(writer, message);
    }

    private static void WriteMessage(TextWriter writer, MessageSupport message)
    {
        writer.WriteLine();
        writer.WriteLine($"**{message.FullName}**");
        writer.WriteLine();
        WriteLine(writer, "works", Fields(message, SupportStatus.Implemented));
        WriteLine(writer, "no effect", Fields(message, SupportStatus.Harmless));
        WriteLine(writer, "refused", Others(message));
    }

    private static List<string> Fields(MessageSupport message, SupportStatus status)
        => [.. message.Fields.Where(f => f.Status == status).Select(Show)];

    private static string Show(FieldSupport field)
    {
        var values = field.Values.Length == 0 ? "" : $" ({string.Join(", ", field.Values)})";
        return field.Remark.Length == 0 ? $"`{field.Name}`{values}" : $"`{field.Name}`{values} ({field.Remark})";
    }

    private static List<string> Others(MessageSupport message)
        => ApiTypes.Find(message.FullName) is { } type
            ? [.. MessageSchema.Of(type).FieldNames.Where(f => message.Find(f) is null or { Status: SupportStatus.Refused }).Select(static f => $"`{f}`")]
            : [];

    private static void WriteLine(TextWriter writer, string heading, List<string> names)
    {
        if (names.Count > 0) writer.WriteLine($"- {heading}: {string.Join(", ", names)}");
    }
}
