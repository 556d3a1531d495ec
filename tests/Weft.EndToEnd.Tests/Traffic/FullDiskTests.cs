using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Access logs on a disk that is full, and again when it has room.</summary>
public sealed class FullDiskTests
{
    private const int Requests = 20;

    [Fact]
    public async Task A_log_that_cannot_be_written_costs_its_lines_which_are_counted_and_no_request()
    {
        using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: Log("/dev/full")));
        await SendAsync(weft, Requests);
        await weft.WaitForStat("filesystem.write_dropped", Requests);
        await weft.ExpectStat("filesystem.write_dropped", Requests);
        await Wait.Until(async () => await weft.Stat("filesystem.write_total_buffered") == 0, "nothing to be left");
    }

    [NetnsFact]
    public async Task Once_there_is_room_again_lines_are_written_whole()
    {
        var disk = Directory.CreateTempSubdirectory("weft-disk-").FullName;
        Shell.Run("mount", ["-t", "tmpfs", "-o", "size=16k", "none", disk]);
        try
        {
            var (filler, log) = (Path.Combine(disk, "filler"), Path.Combine(disk, "access.log"));
            using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
            await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: Log(log)));
            await Fill(filler);
            await SendAsync(weft, Requests);
            await weft.WaitForStat("filesystem.write_dropped", Requests);
            File.Delete(filler);
            await SendAsync(weft, Requests);
            var lines = await Wait.ForLines(log, Requests);
            Assert.Equal(Requests, lines.Length);
            Assert.All(lines, static line => Assert.Equal("""{"status":200}""", line));
        }
        finally
        {
            Shell.Run("umount", ["-l", disk]);
            Directory.Delete(disk);
        }
    }

    private static async Task SendAsync(WeftProcess weft, int count)
    {
        var uri = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        for (var i = 0; i < count; i++)
        {
            using var response = await weft.Http.GetAsync(uri);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static async Task Fill(string file)
    {
        try
        {
            await File.WriteAllBytesAsync(file, new byte[64 * 1024]);
        }
        catch (IOException)
        {
            // It is full now.
        }
    }

    private static string Log(string path) => $$"""
                  access_log:
                  - name: envoy.access_loggers.file
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                      path: {{path}}
                      log_format: { json_format: { status: "%RESPONSE_CODE%" } }
        """;
}
