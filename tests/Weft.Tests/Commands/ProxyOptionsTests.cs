using Weft.Base.Logging;
using Weft.CommandLine;
using Weft.Commands;
using Weft.Proxy.Bootstrap;

namespace Weft.Tests.Commands;

public class ProxyOptionsTests
{
    [Fact]
    public void Defaults_are_Envoys()
    {
        var options = Read();
        Assert.Equal(ServerMode.Serve, options.Mode);
        Assert.Equal(Environment.ProcessorCount, options.Concurrency);
        Assert.Equal(LogLevel.Info, options.LogLevel);
        Assert.Equal(600u, options.DrainTimeSeconds);
        Assert.Equal(900u, options.ParentShutdownTimeSeconds);
        Assert.Equal(100u, options.FileFlushIntervalMs);
        Assert.Equal(DrainStrategy.Gradual, options.DrainStrategy);
        Assert.Equal("[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v", options.LogFormat);
        Assert.False(options.LocalAddressIsIPv6);
    }

    [Fact]
    public void Every_flag_reaches_its_option()
    {
        var options = Read(
            "-c", "f.yaml", "--config-yaml", "{}", "--mode", "init_only", "--concurrency", "3", "-l", "debug", "--component-log-level", "upstream:trace,http:warn",
            "--log-path", "/tmp/l", "--log-format", "%v", "--log-format-escaped", "--service-node", "n", "--service-cluster", "c", "--service-zone", "z",
            "--base-id", "7", "--base-id-path", "/tmp/b", "--restart-epoch", "2", "--disable-hot-restart", "--drain-time-s", "5", "--drain-strategy", "immediate",
            "--parent-shutdown-time-s", "8", "--file-flush-interval-msec", "50", "--admin-address-path", "/tmp/a", "--local-address-ip-version", "v6",
            "--allow-unknown-static-fields", "--allow-unimplemented", "--stats-tag", "a:b", "--stats-tag", "c:d", "--socket-path", "/s", "--socket-mode", "644");
        Assert.Equal(("f.yaml", "{}", ServerMode.InitOnly, 3), (options.ConfigPath, options.ConfigYaml, options.Mode, options.Concurrency));
        Assert.Equal((LogLevel.Debug, "upstream:trace,http:warn"), (options.LogLevel, options.ComponentLogLevels));
        Assert.Equal(("/tmp/l", "%v", true, true), (options.LogPath, options.LogFormat, options.LogFormatIsGiven, options.LogFormatEscaped));
        Assert.Equal(("n", "c", "z"), (options.ServiceNode, options.ServiceCluster, options.ServiceZone));
        Assert.Equal((7u, "/tmp/b", 2u, true), (options.BaseId, options.BaseIdPath, options.RestartEpoch, options.DisableHotRestart));
        Assert.Equal((5u, DrainStrategy.Immediate, 8u, 50u), (options.DrainTimeSeconds, options.DrainStrategy, options.ParentShutdownTimeSeconds, options.FileFlushIntervalMs));
        Assert.Equal(("/tmp/a", true), (options.AdminAddressPath, options.LocalAddressIsIPv6));
        Assert.True(options.AllowUnknownStaticFields && options.AllowUnimplemented);
        Assert.Equal(["a:b", "c:d"], options.StatsTags);
        Assert.Equal(("/s", 0x1A4u), (options.SocketPath, options.SocketMode));
    }

    [Fact]
    public void No_worker_threads_means_one() => Assert.Equal(1, Read("--concurrency", "0").Concurrency);

    [Theory]
    [InlineData("error: unknown mode 'run'", "--mode", "run")]
    [InlineData("error: invalid log level specified 'verbose'", "-l", "verbose")]
    [InlineData("error: component log level not correctly specified 'upstream'", "--component-log-level", "upstream")]
    [InlineData("error: invalid component specified 'nothing_such'", "--component-log-level", "nothing_such:info")]
    [InlineData("error: invalid log level specified 'loud'", "--component-log-level", "upstream:loud")]
    [InlineData("error: unknown IP address version 'v5'", "--local-address-ip-version", "v5")]
    [InlineData("error: unknown drain-strategy 'slow'", "--drain-strategy", "slow")]
    [InlineData("error: cannot use --restart-epoch=1 with --use-dynamic-base-id", "--use-dynamic-base-id", "--restart-epoch", "1")]
    [InlineData("error: invalid socket-mode '999'", "--socket-path", "/s", "--socket-mode", "999")]
    [InlineData("error: misformatted stats-tag 'abc'", "--stats-tag", "abc")]
    [InlineData("error: misformatted stats-tag 'a:b.c' contains invalid char in 'b.c'", "--stats-tag", "a:b.c")]
    [InlineData("error: --component-log-level will not work with --enable-fine-grain-logging", "--enable-fine-grain-logging", "--component-log-level", "http:info")]
    public void A_wrong_value_is_refused_in_Envoys_words(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Read(args)).Message);

    [Fact]
    public void Every_option_has_a_help_and_a_name_of_its_own()
    {
        var names = ProxyOptionTable.Options.Select(option => option.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(ProxyOptionTable.Options, option => Assert.EndsWith(".", option.Help, StringComparison.Ordinal));
    }

    private static ServerOptions Read(params string[] args) => ProxyOptionsReader.Read(OptionParser.Parse(ProxyOptionTable.Options, args));
}
