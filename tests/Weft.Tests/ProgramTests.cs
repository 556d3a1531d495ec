using Weft.Proxy.Bootstrap;

namespace Weft.Tests;

public class ProgramTests
{
    [Fact]
    public void The_version_has_Envoys_five_fields()
    {
        var (code, output, _) = Run("weft", "version");
        Assert.Equal(0, code);
        Assert.Equal($"\nweft  version: {VersionInfo.Text}\n\n", output);
        Assert.Equal(5, VersionInfo.Text.Split('/').Length);
        Assert.Equal($"\nenvoy  version: {VersionInfo.Text}\n\n", Run("envoy", "--version").Output);
    }

    [Fact]
    public void Under_the_name_envoy_it_takes_Envoys_flags_directly()
    {
        var (code, output, _) = Run("envoy", "--help");
        Assert.Equal(0, code);
        Assert.StartsWith("USAGE: envoy -c <path>", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_every_flag()
    {
        var (_, output, _) = Run("weft", "proxy", "--help");
        Assert.All(Weft.Commands.ProxyOptionTable.Options, option => Assert.Contains("--" + option.Name, output, StringComparison.Ordinal));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 160, line));
        Assert.Equal(output, Run("weft", "help", "proxy").Output);
    }

    [Theory]
    [InlineData("proxy")]
    [InlineData("proxy", "--mode", "validate")]
    public void Without_a_configuration_it_says_what_is_missing(params string[] args)
    {
        var (code, _, error) = Run("weft", args);
        Assert.Equal(1, code);
        Assert.Contains("At least one of --config-path or --config-yaml or Options::configProto() should be non-empty", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_flag_is_an_error_that_points_to_the_help()
    {
        var (code, _, error) = Run("weft", "proxy", "--concurency", "1");
        Assert.Equal(1, code);
        Assert.Contains("did you mean --concurrency?", error, StringComparison.Ordinal);
        Assert.Contains("weft proxy --help", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("did you mean 'proxy'", "proxi")]
    [InlineData("did you mean 'weft proxy -c'", "-c", "f.yaml")]
    public void An_unknown_command_is_an_error_with_a_hint(string hint, params string[] args)
    {
        var (code, _, error) = Run("weft", args);
        Assert.Equal(1, code);
        Assert.Contains(hint, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_of_hot_restart_is_printed() => Assert.Equal((0, "", "weft.2"), Run("weft", "proxy", "--hot-restart-version"));

    private static (int Code, string Output, string Error) Run(string program, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = Program.Run(program, args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
