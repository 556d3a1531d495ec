using System.Runtime.CompilerServices;
using Weft.Commands;

namespace Weft.Tests;

public sealed class ReferenceTests
{
    private static string Page([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs/reference/command-line.md");

    [Fact]
    public void The_reference_page_is_what_the_help_says()
    {
        using var help = new StringWriter { NewLine = "\n" };
        ProxyCommand.Help(help, "weft proxy");
        var text = $"# Command line\n\nGenerated from `src/Weft/Commands/ProxyOptionTable.cs`; write it anew with `WEFT_UPDATE_REFERENCE=1` and the tests of `Weft`.\n\n```\n{help}```\n";
        if (Environment.GetEnvironmentVariable("WEFT_UPDATE_REFERENCE") == "1")
            File.WriteAllText(Page(), text);
        Assert.True(File.Exists(Page()) && File.ReadAllText(Page()) == text, "docs/reference/command-line.md is stale: run the tests of Weft with WEFT_UPDATE_REFERENCE=1");
    }
}
