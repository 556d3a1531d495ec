namespace Weft.Samples.Tests;

/// <summary>Every sample answers as its README says.</summary>
public sealed class SampleReadmeTests
{
    public static TheoryData<string> Samples { get; } =
        [.. Directory.GetFiles(Path.Combine(SampleRun.Root, "samples"), "processes", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];

    [SampleTheory]
    [MemberData(nameof(Samples))]
    public async Task Commands_of_the_readme_answer_what_it_says(string sample)
    {
        var (exitCode, output) = await SampleRun.BesideAsync(sample, $"samples/check {sample}");
        Assert.True(exitCode == 0, output);
    }
}
