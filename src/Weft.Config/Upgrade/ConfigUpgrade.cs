using Envoy.Config.Bootstrap.V3;
using Weft.Config.Printing;
using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Upgrade;

/// <summary>A bootstrap file written again in the v3 API (<c>weft config upgrade</c>).</summary>
public static class ConfigUpgrade
{
    /// <summary>
    /// Writes the file as YAML in v3: what was v2 is replaced, everything else stays as it is said, in the same order and with its
    /// comments; indentation becomes two spaces, flow collections become blocks, aliases are written out.
    /// </summary>
    /// <param name="path">A YAML or JSON file.</param>
    /// <param name="output">Gets the text; untouched when the file cannot be read.</param>
    /// <returns>What was changed, or the one fault that kept the file from being read (an error).</returns>
    public static IReadOnlyList<Finding> Write(string path, TextWriter output)
    {
        try
        {
            return Write(File.ReadAllText(path), path, output);
        }
        catch (SyntaxFault fault)
        {
            return [new Finding(Severity.Error, fault.Position, "", fault.Message)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [new Finding(Severity.Error, new SourcePosition(path, 0, 0), "", $"unable to read the file: {e.Message}")];
        }
    }

    internal static List<Finding> Write(string text, string name, TextWriter output)
    {
        if (ConfigReader.Parse(text, name, new ConfigContext()) is not { } root) return [];
        var upgrade = new VersionUpgrade();
        root = upgrade.Upgrade(root, MessageSchema.Of(Bootstrap.Descriptor));
        var isJson = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        new NodePrinter(output, isJson ? [] : YamlComments.Of(text)).Print(root);
        return [.. upgrade.Changes.OrderBy(static change => change.Position.Line).Select(static change => new Finding(Severity.Note, change.Position, "", change.What))];
    }
}
