using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Weft.Api
{
    /// <summary>
    /// Builds the descriptor of a generated file in place of <see cref="FileDescriptor.FromGeneratedCode"/>, which collects the extensions
    /// of all imported files anew for every file, along every path of the import graph: nearly half of the start-up time of the API.
    /// The options that anybody reads are known, so they stand here once. The generated code is pointed here when it is generated.
    /// </summary>
    public static class ApiFile
    {
        private static readonly ExtensionRegistry Options = new()
        {
            Validate.ValidateExtensions.Disabled, Validate.ValidateExtensions.Required, Validate.ValidateExtensions.Rules,
            Envoy.Annotations.DeprecationExtensions.DisallowedByDefault, Envoy.Annotations.DeprecationExtensions.DeprecatedAtMinorVersion,
            Envoy.Annotations.DeprecationExtensions.DisallowedByDefaultEnum, Envoy.Annotations.DeprecationExtensions.DeprecatedAtMinorVersionEnum,
            Envoy.Annotations.ResourceExtensions.Resource,
            Google.Api.AnnotationsExtensions.Http,
            Udpa.Annotations.SensitiveExtensions.Sensitive, Udpa.Annotations.VersioningExtensions.Versioning,
            Udpa.Annotations.StatusExtensions.FileStatus, Udpa.Annotations.SecurityExtensions.Security,
            Xds.Annotations.V3.SensitiveExtensions.Sensitive, Xds.Annotations.V3.VersioningExtensions.Versioning,
            Xds.Annotations.V3.StatusExtensions.FileStatus, Xds.Annotations.V3.StatusExtensions.MessageStatus,
            Xds.Annotations.V3.StatusExtensions.FieldStatus, Xds.Annotations.V3.SecurityExtensions.Security,
        };

        /// <summary>The descriptor of a file; called once per file by its generated static constructor.</summary>
        public static FileDescriptor Load(byte[] data, FileDescriptor[] dependencies, GeneratedClrTypeInfo types)
        {
            var bytes = UnsafeByteOperations.UnsafeWrap(data);
            return LateAccessors.Build(types, () => BuildFrom(null, bytes, ApiMessages.Parse<FileDescriptorProto>(bytes, Options), dependencies, true, types));
        }

        // What FromGeneratedCode does after collecting extensions; private, so bound to the pinned version of the package.
        [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "BuildFrom")]
        private static extern FileDescriptor BuildFrom(FileDescriptor on, ByteString data, FileDescriptorProto proto, FileDescriptor[] dependencies, bool allowUnknown, GeneratedClrTypeInfo types);
    }
}
