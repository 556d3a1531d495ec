namespace Weft.EndToEnd.Tests.Harness;

/// <summary>How long tests wait for what is sure to come. It measures nothing: only a test that fails takes so long, also on a machine that does much else.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
}
