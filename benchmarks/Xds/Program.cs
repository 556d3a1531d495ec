using System.Runtime.Versioning;
using Weft.Base.Logging;
using Weft.Bench.Xds;

[assembly: SupportedOSPlatform("linux")]

// What a management server's clusters and updates cost a proxy: both, or only "clusters" or "updates".
LogRegistry.Process.SetLevel(LogLevel.Warning);
var part = args.Length > 0 ? args[0] : "";
var binary = args.Length > 1 ? args[1] : Path.GetFullPath("bin/weft");
var folder = Directory.CreateTempSubdirectory("weft-bench-xds-").FullName;
using var http = new HttpClient();
try
{
    var goals = new List<string>();
    if (part is "" or "clusters")
        goals.AddRange(new ManyClusters(binary, folder, http).Run());
    if (part is "" or "updates")
        goals.AddRange(new UpdatesUnderLoad(binary, folder, http).Run());
    Console.WriteLine();
    Console.WriteLine(string.Join('\n', goals));
}
finally
{
    Directory.Delete(folder, recursive: true);
}

return 0;
