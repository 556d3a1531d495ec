using System.Runtime.CompilerServices;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;

namespace Weft.Config.Tests;

public sealed class SampleTests
{
    public static TheoryData<string> Files(string folder)
    {
        var files = new TheoryData<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(Folder(), folder), "*.yaml").Order(StringComparer.Ordinal)) files.Add(Path.GetRelativePath(Folder(), file));
        return files;
    }

    [Theory]
    [MemberData(nameof(Files), "")]
    public void A_file_of_the_data_plane_loads_without_an_error(string file) => Assert.Empty(Read(file, new ReadOptions()).Errors);

    [Theory]
    [MemberData(nameof(Files), "later")]
    public void A_file_with_more_than_is_implemented_binds_and_obeys_the_rules(string file)
        => Assert.Empty(Read(file, new ReadOptions { AllowUnimplemented = true }).Errors);

    private static Findings Read(string file, ReadOptions options)
    {
        var context = new ConfigContext();
        var path = PathOf(file);
        switch (Path.GetFileName(file))
        {
            case "eds.yaml": ConfigReader.Read<DiscoveryResponse>(path, null, options, context); break;
            case "routing.yaml": ConfigReader.Read<RouteConfiguration>(path, null, options, context); break;
            default: ConfigReader.Read<Bootstrap>(path, null, options, context); break;
        }

        return context.Findings;
    }

    internal static string PathOf(string file) => Path.Combine(Folder(), file);

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Samples");
}
