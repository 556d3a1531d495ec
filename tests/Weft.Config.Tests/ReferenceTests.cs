using System.Runtime.CompilerServices;

namespace Weft.Config.Tests;

public sealed class ReferenceTests
{
    private static string Page([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs/reference/supported.md");

    [Fact]
    public void The_reference_page_is_what_the_tables_say()
    {
        using var text = new StringWriter();
        SupportedReference.Write(text);
        if (Environment.GetEnvironmentVariable("WEFT_UPDATE_REFERENCE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Page())!);
            File.WriteAllText(Page(), text.ToString());
        }

        Assert.True(File.Exists(Page()) && File.ReadAllText(Page()) == text.ToString(),
            "docs/reference/supported.md is stale: run the tests of Weft.Config with WEFT_UPDATE_REFERENCE=1");
    }
}
