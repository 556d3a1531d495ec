using System.Text;
using Envoy.Config.Bootstrap.V3;

namespace Weft.Config.Tests;

public sealed class DamageTests
{
    private const string Signs = "{}[]:,-#&*!|>'\"%@`\n\t ~<?=aé0\0";

    /// <summary>A damaged file is reported or read; nothing is ever thrown at the user.</summary>
    [Theory]
    [MemberData(nameof(SampleTests.Files), "", MemberType = typeof(SampleTests))]
    [MemberData(nameof(SampleTests.Files), "later", MemberType = typeof(SampleTests))]
    public void A_damaged_file_is_reported_and_never_thrown_at_the_user(string file)
    {
        var text = File.ReadAllText(SampleTests.PathOf(file));
        var random = new Random(20240131);
        for (var i = 0; i < 150; i++)
        {
            var damaged = Damage(text, random);
            foreach (var name in new[] { "t.yaml", "t.json" })
                ConfigReader.ReadText<Bootstrap>(damaged, name, new ReadOptions(), new ConfigContext());
        }
    }

    private static string Damage(string text, Random random)
    {
        var result = new StringBuilder(text);
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(result.Length);
            switch (random.Next(4))
            {
                case 0: result.Remove(at, Math.Min(random.Next(1, 20), result.Length - at)); break;
                case 1: result.Insert(at, Signs[random.Next(Signs.Length)]); break;
                case 2: result[at] = Signs[random.Next(Signs.Length)]; break;
                default: result.Insert(at, text.AsSpan(random.Next(text.Length / 2), random.Next(1, text.Length / 4))); break;
            }
        }

        return result.ToString();
    }
}
