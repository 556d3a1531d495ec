using Weft.Commands;

namespace Weft.Tests.Commands;

public sealed class ConfigUpgradeTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_v3_text_goes_to_standard_output_and_the_changes_to_standard_error()
    {
        File.WriteAllText(_file, "static_resources: {clusters: [{name: a, hosts: [{pipe: {path: /tmp/s}}]}]} # mine\n");
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(0, ConfigCommand.Run(["upgrade", _file], output, error));
        Assert.Contains("# mine", output.ToString());
        Assert.Contains("load_assignment:", output.ToString());
        Assert.Equal($"{_file}:1:41  hosts -> load_assignment\n{_file}: 1 change\n", error.ToString());
    }

    [Fact]
    public void A_file_that_cannot_be_read_gives_its_fault_and_exit_code_1()
    {
        File.WriteAllText(_file, "a: [1");
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(1, ConfigCommand.Run(["upgrade", _file], output, error));
        Assert.StartsWith($"{_file}:2:", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }
}
