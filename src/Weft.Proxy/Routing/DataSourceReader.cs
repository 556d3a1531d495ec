using System.Text;
using Envoy.Config.Core.V3;
using Weft.Config;

namespace Weft.Proxy.Routing;

/// <summary>Reads a DataSource (file, inline bytes or text, environment variable) when configuration is loaded.</summary>
internal static class DataSourceReader
{
    /// <summary>The bytes; null with a reported fault when they cannot be had or are more than <paramref name="maxBytes"/>.</summary>
    public static byte[]? Read(DataSource source, long maxBytes, ConfigContext context)
    {
        switch (source.SpecifierCase)
        {
            case DataSource.SpecifierOneofCase.Filename:
                return ReadFile(source, maxBytes, context);
            case DataSource.SpecifierOneofCase.InlineBytes:
                return Checked(source, "inline_bytes", source.InlineBytes.ToByteArray(), maxBytes, context);
            case DataSource.SpecifierOneofCase.InlineString:
                return Checked(source, "inline_string", Encoding.UTF8.GetBytes(source.InlineString), maxBytes, context);
            case DataSource.SpecifierOneofCase.EnvironmentVariable:
                return ReadVariable(source, maxBytes, context);
            default:
                return [];
        }
    }

    private static byte[]? Checked(DataSource source, string field, byte[] bytes, long maxBytes, ConfigContext context)
    {
        if (bytes.Length <= maxBytes) return bytes;
        context.Error(source, field, $"response body size is {bytes.Length} bytes; maximum is {maxBytes}");
        return null;
    }

    private static byte[]? ReadVariable(DataSource source, long maxBytes, ConfigContext context)
    {
        if (Environment.GetEnvironmentVariable(source.EnvironmentVariable) is { } value)
            return Checked(source, "environment_variable", Encoding.UTF8.GetBytes(value), maxBytes, context);
        context.Error(source, "environment_variable", $"Environment variable doesn't exist: {source.EnvironmentVariable}");
        return null;
    }

    private static byte[]? ReadFile(DataSource source, long maxBytes, ConfigContext context)
    {
        var file = new FileInfo(source.Filename);
        if (!file.Exists) return Fail($"file {source.Filename} does not exist");
        if (file.Length > maxBytes) return Fail($"file {source.Filename} size is {file.Length} bytes; maximum is {maxBytes}");
        try
        {
            return File.ReadAllBytes(source.Filename);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"unable to read file: {source.Filename}: {e.Message}");
        }

        byte[]? Fail(string text)
        {
            context.Error(source, "filename", text);
            return null;
        }
    }
}
